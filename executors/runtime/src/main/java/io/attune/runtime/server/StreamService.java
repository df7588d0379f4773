package io.attune.runtime.server;

import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.JinaRPCGrpc.JinaRPCImplBase;
import io.attune.runtime.CallMetadata;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/// `JinaRPC.Call`: a stream of requests with exactly one answer for each.
final class StreamService extends JinaRPCImplBase {
  private final Dispatch dispatch;
  private final Executor threads;
  private final int mostInFlight;
  private final Set<RequestStream> open = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  /// @param threads where requests run, one thread for each
  /// @param mostInFlight how many requests of one stream are read before their answers are sent
  StreamService(Dispatch dispatch, Executor threads, int mostInFlight) {
    this.dispatch = dispatch;
    this.threads = threads;
    this.mostInFlight = mostInFlight;
  }

  @Override
  public StreamObserver<DataRequestProto> call(StreamObserver<DataRequestProto> answers) {
    CallMetadata metadata = CallMetadata.CURRENT.get();
    int prefetch = metadata.prefetch();
    int limit = prefetch > 0 ? Math.min(prefetch, mostInFlight) : mostInFlight;
    RequestStream stream =
        new RequestStream(
            dispatch,
            threads,
            (ServerCallStreamObserver<DataRequestProto>) answers,
            metadata.resultsInOrder(),
            open::remove);
    open.add(stream);
    stream.start(limit);
    if (draining) {
      stream.closeWhenIdle();
    }
    return stream;
  }

  /// Ends the streams that have nothing under way; to be called again until none is open.
  void closeIdle() {
    draining = true;
    open.forEach(RequestStream::closeWhenIdle);
  }
}

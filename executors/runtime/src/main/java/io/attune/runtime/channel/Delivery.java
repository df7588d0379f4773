package io.attune.runtime.channel;

import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;

/// Sees whether a try reached a replica, and whether that said anything. gRPC may open several
/// streams for one try, of which the last counts.
final class Delivery extends ClientStreamTracer.Factory {
  private volatile Stream last = new Stream();

  @Override
  public ClientStreamTracer newClientStreamTracer(
      ClientStreamTracer.StreamInfo info, Metadata headers) {
    Stream opened = new Stream();
    last = opened;
    return opened;
  }

  /// Whether the request was sent on a connection, and nothing came back.
  boolean isUnanswered() {
    Stream stream = last;
    return stream.isSent && !stream.isAnswered;
  }

  private static final class Stream extends ClientStreamTracer {
    private volatile boolean isSent;
    private volatile boolean isAnswered;

    @Override
    public void outboundMessageSent(int number, long wireBytes, long bytes) {
      isSent = true;
    }

    @Override
    public void inboundHeaders() {
      isAnswered = true;
    }

    @Override
    public void inboundTrailers(Metadata trailers) {
      isAnswered = true;
    }
  }
}

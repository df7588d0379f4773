package io.attune.gateway.rollout;

import com.google.protobuf.Empty;
import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.ParticipantGrpc;
import io.attune.proto.attune.ParticipantStanding;
import io.attune.proto.attune.Progress;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.Address;
import io.attune.runtime.error.Failures;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A participant behind its service `Participant`.
final class GrpcPeer implements Peer {
  private static final Duration STANDING_TIME = Duration.ofSeconds(10);
  private static final int PING_SECONDS = 5;

  private final ManagedChannel channel;

  private GrpcPeer(ManagedChannel channel) {
    this.channel = channel;
  }

  /// The participant at an address; connected when it is needed.
  ///
  /// @param token of its admin port; null for none
  static GrpcPeer at(Address address, @Nullable String token) {
    ManagedChannelBuilder<?> builder =
        address.scheme() == Address.Scheme.INPROCESS
            ? InProcessChannelBuilder.forName(address.host())
            : NettyChannelBuilder.forTarget(address.target())
                .usePlaintext()
                .keepAliveTime(PING_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(PING_SECONDS, TimeUnit.SECONDS);
    if (token != null) {
      Metadata headers = new Metadata();
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
      builder.intercept(MetadataUtils.newAttachHeadersInterceptor(headers));
    }
    return new GrpcPeer(builder.build());
  }

  @Override
  public void move(MoveRequest command, Consumer<Progress> listener) throws InterruptedException {
    try {
      Progress last = Progress.getDefaultInstance();
      Iterator<Progress> told = ParticipantGrpc.newBlockingStub(channel).move(command);
      while (told.hasNext()) {
        last = told.next();
        listener.accept(last);
      }
      if (last.getReached() != command.getState()) {
        throw new FlowException(
            ErrorCode.UNAVAILABLE,
            "move: ended before %s (expected: the state, or a reason)"
                .formatted(command.getState()));
      }
    } catch (StatusRuntimeException failure) {
      if (Thread.interrupted()) {
        throw new InterruptedException("command given up");
      }
      throw failed(failure);
    }
  }

  @Override
  public ParticipantStanding standing() {
    try {
      return ParticipantGrpc.newBlockingStub(channel)
          .withDeadlineAfter(STANDING_TIME)
          .standing(Empty.getDefaultInstance());
    } catch (StatusRuntimeException failure) {
      throw failed(failure);
    }
  }

  /// Who calls again says when: gRPC's own pauses before it connects anew grow to minutes.
  private FlowException failed(StatusRuntimeException failure) {
    channel.resetConnectBackoff();
    return Failures.from(failure);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}

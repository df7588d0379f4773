package io.attune.runtime.channel;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One replica of an executor, with its connections.
///
/// @param channels one, or one for each of the event loops
/// @param loops where the channels live; null for gRPC's own threads
record Replica(Address address, List<ManagedChannel> channels, @Nullable EventLoops loops) {
  private static final long KEEP_ALIVE_TIMEOUT_SECONDS = 5;

  Replica {
    channels = List.copyOf(channels);
  }

  static Replica open(Address address, ChannelOptions options, @Nullable EventLoops loops) {
    return switch (address.scheme()) {
      case INPROCESS ->
          new Replica(
              address, List.of(InProcessChannelBuilder.forName(address.host()).build()), null);
      case GRPC -> overNetwork(address, options, InsecureChannelCredentials.create(), loops);
      case GRPCS -> overNetwork(address, options, tls(options), loops);
    };
  }

  /// The channel for a call by this thread.
  ManagedChannel channel() {
    return loops == null ? channels.getFirst() : channels.get(loops.current());
  }

  private static Replica overNetwork(
      Address address,
      ChannelOptions options,
      ChannelCredentials credentials,
      @Nullable EventLoops loops) {
    if (loops == null) {
      return new Replica(address, List.of(builder(address, options, credentials).build()), null);
    }
    List<ManagedChannel> channels = new ArrayList<>();
    for (int loop = 0; loop < loops.size(); loop++) {
      channels.add(loops.call(builder(address, options, credentials), loop).build());
    }
    return new Replica(address, channels, loops);
  }

  private static NettyChannelBuilder builder(
      Address address, ChannelOptions options, ChannelCredentials credentials) {
    return NettyChannelBuilder.forTarget(address.target(), credentials)
        .defaultLoadBalancingPolicy("round_robin")
        .maxInboundMessageSize(options.mostMessageBytes())
        .keepAliveTime(options.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
        .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  private static ChannelCredentials tls(ChannelOptions options) {
    if (options.trustedCertificates() == null) {
      return TlsChannelCredentials.create();
    }
    try {
      return TlsChannelCredentials.newBuilder()
          .trustManager(options.trustedCertificates().toFile())
          .build();
    } catch (IOException failure) {
      throw new FlowException(
          ErrorCode.INVALID_ARGUMENT,
          "certificates: %s cannot be read (expected: a PEM file)"
              .formatted(options.trustedCertificates()),
          failure);
    }
  }
}

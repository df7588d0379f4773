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
import java.util.concurrent.TimeUnit;

/// One replica of an executor, with its connection.
record Replica(Address address, ManagedChannel channel) {
  private static final long KEEP_ALIVE_TIMEOUT_SECONDS = 5;

  static Replica open(Address address, ChannelOptions options) {
    return new Replica(
        address,
        switch (address.scheme()) {
          case INPROCESS -> InProcessChannelBuilder.forName(address.host()).build();
          case GRPC -> overNetwork(address, options, InsecureChannelCredentials.create());
          case GRPCS -> overNetwork(address, options, tls(options));
        });
  }

  private static ManagedChannel overNetwork(
      Address address, ChannelOptions options, ChannelCredentials credentials) {
    return NettyChannelBuilder.forTarget(address.target(), credentials)
        .defaultLoadBalancingPolicy("round_robin")
        .maxInboundMessageSize(options.mostMessageBytes())
        .keepAliveTime(options.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
        .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .build();
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

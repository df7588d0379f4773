package io.attune.gateway.connection;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.util.concurrent.TimeUnit;

/// One running copy of an executor.
///
/// @param channel the connection to it, which the replica's owner closes
/// @param address where it is, for messages
public record Replica(ManagedChannel channel, String address) {
  /// A replica in this JVM.
  public static Replica inProcess(String name, int maxMessageBytes) {
    ManagedChannel channel =
        InProcessChannelBuilder.forName(name)
            .directExecutor()
            .maxInboundMessageSize(maxMessageBytes)
            .build();
    return new Replica(channel, "inprocess://" + name);
  }

  /// A replica on the network.
  public static Replica remote(String host, int port, boolean tls, int maxMessageBytes) {
    ManagedChannelBuilder<?> builder =
        ManagedChannelBuilder.forAddress(host, port)
            .directExecutor()
            .keepAliveTime(30, TimeUnit.SECONDS)
            .maxInboundMessageSize(maxMessageBytes);
    ManagedChannel channel =
        (tls ? builder.useTransportSecurity() : builder.usePlaintext()).build();
    return new Replica(channel, (tls ? "grpcs://" : "grpc://") + host + ":" + port);
  }
}

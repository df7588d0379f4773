package io.attune.cli.client;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.Address;
import io.attune.runtime.channel.Address.Scheme;
import io.attune.runtime.error.Failures;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The way to the services of an admin port, with the token that it asks its callers for.
public final class AdminChannel implements AutoCloseable {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final int MAX_MESSAGE_BYTES = 128 << 20;

  private final String address;
  private final ManagedChannel channel;
  private final Channel calls;

  /// Connects on first use.
  ///
  /// @param address `host:port`, or `grpcs://host:port` for TLS
  /// @param token what the port asks for; null for nothing
  /// @throws FlowException for an address that is not of this form
  public AdminChannel(String address, @Nullable String token) {
    Address parsed = Address.parse(address);
    this.address = address;
    this.channel =
        Grpc.newChannelBuilder(
                parsed.target(),
                parsed.scheme() == Scheme.GRPCS
                    ? TlsChannelCredentials.create()
                    : InsecureChannelCredentials.create())
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .build();
    this.calls = token == null ? channel : ClientInterceptors.intercept(channel, new Bearer(token));
  }

  /// Adds the token to each call.
  private record Bearer(String token) implements ClientInterceptor {
    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(
        MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
      return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
        @Override
        public void start(Listener<R> listener, Metadata headers) {
          headers.put(AUTHORIZATION, "Bearer " + token);
          super.start(listener, headers);
        }
      };
    }

    @Override
    public String toString() {
      return "Bearer"; // without the token
    }
  }

  /// Where the port is, as it was given.
  public String address() {
    return address;
  }

  /// What stubs are made on.
  public Channel calls() {
    return calls;
  }

  /// Asks, and tells why there is no answer.
  ///
  /// @throws FlowException as the port says; UNAVAILABLE with the address where it is not reached
  public <T> T ask(Supplier<T> question) {
    try {
      return question.get();
    } catch (StatusRuntimeException failure) {
      FlowException told = Failures.from(failure);
      throw told.code() == ErrorCode.UNAVAILABLE
          ? new FlowException(told.code(), address + ": " + FlowClient.messageOf(failure), failure)
          : told;
    }
  }

  @Override
  public void close() {
    FlowClient.close(channel);
  }
}

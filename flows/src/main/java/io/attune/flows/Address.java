package io.attune.flows;

/// Where an executor is reached.
///
/// @param host a host name or address, without scheme and port
/// @param port 1..65535
/// @param tls whether the connection is encrypted
public record Address(String host, int port, boolean tls) {
  public Address {
    if (host.isEmpty() || host.contains("/")) {
      throw new IllegalArgumentException(
          "host: \"%s\" (expected: a host name or address)".formatted(host));
    }
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("port: %d (expected: 1..65535)".formatted(port));
    }
  }

  /// `grpc://host:port`, or `grpcs://host:port` with TLS.
  @Override
  public String toString() {
    return "%s://%s:%d".formatted(tls ? "grpcs" : "grpc", host, port);
  }
}

package io.attune.runtime.channel;

import io.attune.runtime.FlowException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where an executor or a gateway listens: `grpc://host:port`, `grpcs://host:port` (TLS),
/// `host:port` (as `grpc`), or `inprocess://name` in the same JVM.
///
/// A host name that stands for several machines (a headless Service) is balanced round robin.
///
/// @param scheme how to connect
/// @param host the host (IPv6 without its brackets), or the in-process name
/// @param port 1..65535; 0 in process
public record Address(Scheme scheme, String host, int port) {
  private static final Pattern SYNTAX =
      Pattern.compile("(?:(grpcs?)://)?(?:\\[([0-9a-fA-F:.%]+)]|([^\\s/:\\[\\]]+)):(\\d{1,5})/?");
  private static final String IN_PROCESS = "inprocess://";

  /// How to connect.
  public enum Scheme {
    /// Plain.
    GRPC,
    /// With TLS.
    GRPCS,
    /// Within this JVM.
    INPROCESS
  }

  public Address {
    if (scheme != Scheme.INPROCESS && (port < 1 || port > 65_535)) {
      throw FlowException.invalid("port: %d (expected: 1..65535)".formatted(port));
    }
    if (host.isEmpty()) {
      throw FlowException.invalid("host: empty (expected: a name or an address)");
    }
  }

  /// Reads an address.
  public static Address parse(String text) {
    if (text.startsWith(IN_PROCESS)) {
      return new Address(Scheme.INPROCESS, text.substring(IN_PROCESS.length()), 0);
    }
    Matcher parts = SYNTAX.matcher(text);
    if (!parts.matches()) {
      throw FlowException.invalid(
          "address: %s (expected: host:port, grpc://host:port, grpcs://host:port or inprocess://name)"
              .formatted(text));
    }
    Scheme scheme = "grpcs".equals(parts.group(1)) ? Scheme.GRPCS : Scheme.GRPC;
    String host = parts.group(2) != null ? parts.group(2) : parts.group(3);
    return new Address(scheme, host, Integer.parseInt(parts.group(4)));
  }

  /// Reads the addresses of an executor's replicas, commas between them; none of an empty text.
  public static List<Address> parseAll(String text) {
    return text.isEmpty()
        ? List.of()
        : Arrays.stream(text.split(",", -1)).map(String::strip).map(Address::parse).toList();
  }

  /// The target as gRPC has it.
  public String target() {
    return "dns:///" + authority();
  }

  private String authority() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }

  @Override
  public String toString() {
    return switch (scheme) {
      case GRPC -> "grpc://" + authority();
      case GRPCS -> "grpcs://" + authority();
      case INPROCESS -> IN_PROCESS + host;
    };
  }
}

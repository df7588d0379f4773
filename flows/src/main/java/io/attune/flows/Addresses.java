package io.attune.flows;

import io.attune.flows.ExecutorPlan.External;
import io.attune.flows.config.ExecutorConfig;
import io.attune.flows.yaml.Problems;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where an executor that runs elsewhere is reached: `host` and `port`, one or several of each.
final class Addresses {
  private static final Pattern HOST =
      Pattern.compile("(?:([a-z]+)://)?(\\[[0-9a-fA-F:]+]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?/?");

  private static final Pattern METADATA = Pattern.compile("[0-9A-Za-z_.-]+");

  private final ExecutorConfig entry;
  private final Problems problems;

  Addresses(ExecutorConfig entry, Problems problems) {
    this.entry = entry;
    this.problems = problems;
  }

  /// The addresses; null where the Flow starts the executor itself.
  @Nullable External external() {
    if (!entry.external()) {
      checkLocal();
      return null;
    }
    checkMetadata();
    List<String> hosts = entry.hosts().isEmpty() ? List.of("127.0.0.1") : entry.hosts();
    List<Integer> ports = entry.ports();
    if (hosts.size() > 1 && ports.size() > 1 && hosts.size() != ports.size()) {
      error(
          "port",
          "%d for %d hosts".formatted(ports.size(), hosts.size()),
          "as many ports as hosts, or one");
      return null;
    }
    List<Address> addresses = new ArrayList<>();
    for (int i = 0; i < Math.max(hosts.size(), ports.size()); i++) {
      String host = hosts.get(hosts.size() == 1 ? 0 : i);
      Integer port = ports.isEmpty() ? null : ports.get(ports.size() == 1 ? 0 : i);
      Address address = address(host, port);
      if (address != null) {
        addresses.add(address);
      }
    }
    return addresses.isEmpty() ? null : new External(addresses, entry.grpcMetadata());
  }

  /// What gRPC takes; names that end in `-bin` are for bytes.
  private void checkMetadata() {
    for (String name : entry.grpcMetadata().keySet()) {
      if (!METADATA.matcher(name).matches() || name.toLowerCase(Locale.ROOT).endsWith("-bin")) {
        error(
            "grpc_metadata",
            '"' + name + '"',
            "a name of letters, digits, -, _ and ., that does not end in -bin");
      }
    }
  }

  private void checkLocal() {
    if (entry.ports().size() > 1 || entry.hosts().size() > 1) {
      error("port", "several", "one host and one port where the executor is not external");
    }
    if (entry.tls()) {
      error("tls", "true", "external: true; a Flow does not encrypt calls inside it yet");
    }
    if (!entry.grpcMetadata().isEmpty()) {
      problems.warn(
          entry.at(), "grpc_metadata: no effect, it is sent with calls of an external executor");
    }
  }

  private @Nullable Address address(String host, @Nullable Integer port) {
    Matcher matcher = HOST.matcher(host);
    if (!matcher.matches()) {
      error("host", '"' + host + '"', "a host, or grpc://host:port, or grpcs://host:port");
      return null;
    }
    String scheme = matcher.group(1) == null ? "" : matcher.group(1);
    if (!scheme.isEmpty() && !scheme.equals("grpc") && !scheme.equals("grpcs")) {
      error("host", scheme + "://", "grpc:// or grpcs://");
      return null;
    }
    if (matcher.group(3) != null && port != null) {
      error("port", "in host and in port", "one of the two");
      return null;
    }
    int number =
        matcher.group(3) != null ? Integer.parseInt(matcher.group(3)) : port == null ? 0 : port;
    if (number < 1 || number > 65_535) {
      error(
          "port",
          number == 0 ? "not given" : String.valueOf(number),
          "1..65535, with external: true");
      return null;
    }
    return new Address(matcher.group(2), number, entry.tls() || scheme.equals("grpcs"));
  }

  private void error(String key, String was, String expected) {
    problems.error(entry.at(), "%s: %s (expected: %s)".formatted(key, was, expected));
  }
}

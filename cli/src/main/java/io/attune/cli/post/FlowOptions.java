package io.attune.cli.post;

import com.google.protobuf.Struct;
import io.attune.cli.JsonText;
import io.attune.cli.Require;
import io.attune.cli.client.FlowClient;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/// Which Flow a command talks to, and how.
final class FlowOptions {
  @Option(
      names = "--flow",
      paramLabel = "HOST:PORT",
      description =
          "The Flow's gRPC address; grpcs://HOST:PORT for TLS (default: ${DEFAULT-VALUE}).")
  private String address = "localhost:54321";

  @Option(
      names = {"-p", "--parameter"},
      paramLabel = "KEY=VALUE",
      description = "A parameter of the request; the value is read as JSON where it is JSON.")
  private Map<String, String> parameters = new LinkedHashMap<>();

  @Option(
      names = "--request-size",
      paramLabel = "N",
      description = "Documents in one request, 1 to 10000 (default: ${DEFAULT-VALUE}).")
  private int requestSize = FlowClient.DEFAULT_REQUEST_SIZE;

  FlowClient connect() {
    Require.within("--request-size", requestSize, 1, 10_000);
    return FlowClient.connect(address);
  }

  int requestSize() {
    return requestSize;
  }

  Struct.Builder parameters() {
    return JsonText.struct(parameters).toBuilder();
  }
}

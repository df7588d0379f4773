package io.attune.cli.rollout;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which Flow a command is about.
final class WhichFlow {
  private static final String TOKEN = "ATTUNE_ADMIN_TOKEN";

  @Option(
      names = "--address",
      paramLabel = "HOST:PORT",
      description =
          "The admin port of the Flow's gateway (default: ${DEFAULT-VALUE}); grpcs://HOST:PORT for"
              + " TLS.")
  private String address = "localhost:54334";

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description =
          "What it asks its callers for (default: $$ATTUNE_ADMIN_TOKEN, which others on this"
              + " machine do not see in the list of processes).")
  private @Nullable String token;

  RolloutsClient open() {
    return new RolloutsClient(address, token == null ? System.getenv(TOKEN) : token);
  }
}

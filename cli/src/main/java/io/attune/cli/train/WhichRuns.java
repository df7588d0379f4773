package io.attune.cli.train;

import io.attune.runtime.FlowException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Which runs a command is about: those of a folder, or those of a trainer.
final class WhichRuns {
  private static final String TOKEN = "ATTUNE_ADMIN_TOKEN";

  @Mixin private RunOptions local = new RunOptions();

  @Option(
      names = "--address",
      paramLabel = "HOST:PORT",
      description =
          "The admin port of a Flow's trainer, whose runs are meant instead of this machine's;"
              + " grpcs://HOST:PORT for TLS.")
  private @Nullable String address;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description =
          "What that trainer asks its callers for (default: $$ATTUNE_ADMIN_TOKEN, which others on"
              + " this machine do not see in the list of processes).")
  private @Nullable String token;

  /// The runs.
  RunsAccess open() {
    return open(System.getenv());
  }

  RunsAccess open(Map<String, String> environment) {
    if (address == null) {
      if (token != null) {
        throw FlowException.invalid("--token: without --address (expected: both)");
      }
      return new LocalRuns(local.store());
    }
    if (local.isGiven()) {
      throw FlowException.invalid("--runs: beside --address (expected: one of the two)");
    }
    return new RemoteRuns(address, token == null ? environment.get(TOKEN) : token);
  }

  /// Those of this machine, for what a trainer of another does itself.
  RunOptions local() {
    return local;
  }

  boolean isRemote() {
    return address != null;
  }
}

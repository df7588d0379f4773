package io.attune.cli.models;

import io.attune.cli.Require;
import io.attune.models.CheckLimits;
import java.time.Duration;
import picocli.CommandLine.Option;

/// What the process that tries a model may use.
public final class CheckOptions {
  @Option(
      names = "--check-timeout",
      paramLabel = "SECONDS",
      description = "How long trying the model may take (default: ${DEFAULT-VALUE}).")
  private int seconds = 300;

  @Option(
      names = "--check-memory",
      paramLabel = "MIB",
      description =
          "How much memory trying the model may take, in MiB (default: 1024 and 5 times the"
              + " model's size).")
  private int mebibytes;

  /// The limits.
  public CheckLimits limits() {
    Require.within("--check-timeout", seconds, 1, 86_400);
    if (mebibytes != 0) {
      Require.within("--check-memory", mebibytes, 256, 1 << 24);
    }
    return new CheckLimits(Duration.ofSeconds(seconds), (long) mebibytes << 20);
  }
}

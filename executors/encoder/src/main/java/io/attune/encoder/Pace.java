package io.attune.encoder;

import io.attune.models.CpuTime;
import io.attune.models.Golden;
import io.attune.models.Trial;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Whether a model is slower than the live one can be replaced by.
final class Pace {
  private static final long FAST_NANOS = 1_000_000;

  private Pace() {}

  /// Compares the processor time of a model that was tried with that of the live one, over the
  /// goldens that both read. Runs the live one on the calling thread.
  ///
  /// @param slowest how many times as slow it may be
  /// @throws FlowException FAILED_PRECONDITION where it is slower
  static void require(ModelVersion tried, Trial trial, EmbeddingModel live, double slowest) {
    List<Golden.Case> both = new ArrayList<>();
    long nanos = 0;
    for (int i = 0; i < trial.golden().cases().size(); i++) {
      Golden.Case golden = trial.golden().cases().get(i);
      if (read(live, golden).isPresent()) {
        both.add(golden);
        nanos += trial.cpuNanos().get(i);
      }
    }
    if (nanos <= both.size() * FAST_NANOS) {
      return;
    }
    long liveNanos =
        CpuTime.of(both, input -> read(live, input).ifPresent(each -> live.embed(List.of(each))))
            .stream()
            .mapToLong(Long::longValue)
            .sum();
    if (nanos > slowest * liveNanos) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          ("%s takes %.1f ms of processor time for %d inputs, %.0f times as long as %s (expected: at"
                  + " most %.0f times, slower_at_most)")
              .formatted(
                  tried, nanos / 1e6, both.size(), (double) nanos / liveNanos, live.id(), slowest));
    }
  }

  private static Optional<Input> read(EmbeddingModel live, Golden.Case golden) {
    try {
      return live.read(GoldenCheck.document(golden), Prompt.NONE);
    } catch (FlowException _) {
      return Optional.empty(); // of another shape than the live model reads
    }
  }
}

package io.attune.encoder;

import io.attune.models.CpuTime;
import io.attune.models.Golden;
import io.attune.models.Trial;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The processor time that the live model takes for the goldens of another: how slow that one may
/// be.
///
/// @param live the live model
/// @param nanos nanoseconds for each golden that it reads, by the golden's number
record Pace(ModelVersion live, Map<Integer, Long> nanos) {
  private static final long FAST_NANOS = 1_000_000;

  /// Measures it on the calling thread.
  static Pace of(EmbeddingModel live, Golden golden) {
    Map<Integer, Long> nanos = new HashMap<>();
    for (int i = 0; i < golden.cases().size(); i++) {
      Golden.Case input = golden.cases().get(i);
      if (read(live, input).isPresent()) {
        List<Long> cost =
            CpuTime.of(
                List.of(input),
                each -> read(live, each).ifPresent(text -> live.embed(List.of(text))));
        nanos.put(i, cost.getFirst());
      }
    }
    return new Pace(live.id(), nanos);
  }

  /// Compares it with what a model took that was tried, over the goldens that both read.
  ///
  /// @param slowest how many times as slow it may be
  /// @throws FlowException FAILED_PRECONDITION where it is slower
  void require(ModelVersion tried, Trial trial, double slowest) {
    long taken = nanos.keySet().stream().mapToLong(trial.cpuNanos()::get).sum();
    long allowed = nanos.values().stream().mapToLong(Long::longValue).sum();
    if (taken > nanos.size() * FAST_NANOS && taken > slowest * allowed) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          ("%s takes %.1f ms of processor time for %d inputs, %.0f times as long as %s (expected: at"
                  + " most %.0f times, slower_at_most)")
              .formatted(
                  tried, taken / 1e6, nanos.size(), (double) taken / allowed, live, slowest));
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

package io.attune.trainer.feedback;

import io.attune.runtime.ExecutorContext;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import io.attune.runtime.registry.Spelling;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

/// The options of `uses: Feedback`, given under `uses_with`.
///
/// @param folder `folder`: where impressions and judgments are kept; the executor's workspace. One
///   executor has it open at a time
/// @param impressionsMb `impressions_mb`: the most MiB of impressions, the oldest go first,
///   1..1048576; 256
/// @param impressionAge `impressions_age`: how long after a search it can be judged, 1m..3650d;
///   30d. Older impressions go
/// @param shown `shown`: how many matches of a query are noted, 1..10000; 100
/// @param gateShare `gate_share`: the share of judged queries that are never trained on and judge
///   candidates instead, 0..0.9; 0.2. It counts for queries that are judged for the first time
record FeedbackOptions(
    Path folder, int impressionsMb, Duration impressionAge, int shown, double gateShare) {
  private static final Set<String> KEYS =
      new TreeSet<>(Set.of("folder", "impressions_mb", "impressions_age", "shown", "gate_share"));

  private static final Duration LEAST_AGE = Duration.ofMinutes(1);
  private static final Duration MOST_AGE = Duration.ofDays(3650);
  private static final int MOST_SHOWN = 10_000;
  private static final double GATE_SHARE = 0.2;
  private static final double MOST_GATE_SHARE = 0.9;

  /// Reads the options.
  ///
  /// @throws FlowException where one is unknown, of the wrong type or out of its range
  static FeedbackOptions from(ExecutorContext context) {
    Parameters with = context.with();
    for (String key : with.struct().getFieldsMap().keySet()) {
      if (!KEYS.contains(key)) {
        throw FlowException.invalid(
            "Feedback: %s (expected: %s)".formatted(key, Spelling.expected(key, KEYS)));
      }
    }
    return new FeedbackOptions(
        with.string("folder").map(Path::of).orElse(context.workspace()),
        with.integer("impressions_mb", 256, 1, 1 << 20),
        Span.parse("impressions_age", with.string("impressions_age", "30d"), LEAST_AGE, MOST_AGE),
        with.integer("shown", 100, 1, MOST_SHOWN),
        gateShare(with.number("gate_share").orElse(GATE_SHARE)));
  }

  private static double gateShare(double share) {
    if (!(share >= 0 && share <= MOST_GATE_SHARE)) {
      throw FlowException.invalid(
          "gate_share: %s (expected: 0..%s)".formatted(share, MOST_GATE_SHARE));
    }
    return share;
  }

  long impressionBytes() {
    return (long) impressionsMb << 20;
  }
}

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
record FeedbackOptions(Path folder, int impressionsMb, Duration impressionAge, int shown) {
  private static final Set<String> KEYS =
      new TreeSet<>(Set.of("folder", "impressions_mb", "impressions_age", "shown"));

  private static final Duration LEAST_AGE = Duration.ofMinutes(1);
  private static final Duration MOST_AGE = Duration.ofDays(3650);
  private static final int MOST_SHOWN = 10_000;

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
        with.integer("shown", 100, 1, MOST_SHOWN));
  }

  long impressionBytes() {
    return (long) impressionsMb << 20;
  }
}

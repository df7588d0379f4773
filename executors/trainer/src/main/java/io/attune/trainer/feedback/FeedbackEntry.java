package io.attune.trainer.feedback;

import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;

/// One line of the log: what one request said, or took back. A line is there as a whole or not at
/// all.
///
/// @param number counted from 1
/// @param time when it was said
/// @param judged what was judged, replacing what was judged before of the same
/// @param undone what was taken back
record FeedbackEntry(long number, Instant time, List<Judgment> judged, List<Judgment.Key> undone) {
  FeedbackEntry {
    judged = List.copyOf(judged);
    undone = List.copyOf(undone);
  }

  /// The same without the texts of what was erased.
  FeedbackEntry without(Predicate<String> erased) {
    List<Judgment> kept =
        judged.stream()
            .map(each -> erased.test(each.document()) ? each.withoutText() : each)
            .toList();
    return new FeedbackEntry(number, time, kept, undone);
  }
}

package io.attune.trainer.executor;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.feedback.FeedbackSet;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The feedback that runs may train on: `train_data: feedback`.
///
/// @param folder that of an executor `Feedback`; null where this trainer has none
record FeedbackSource(@Nullable Path folder) {
  /// What `train_data` says for it.
  static final String NAME = "feedback";

  /// What was judged until now, without the queries that are held out to judge candidates.
  ///
  /// @throws FlowException FAILED_PRECONDITION where nothing was
  FeedbackSet read() {
    if (folder == null) {
      throw FlowException.invalid(
          "train_data: feedback (expected: documents, dataset:NAME or files; this trainer's option feedback names no folder)");
    }
    try {
      FeedbackSet set = FeedbackSet.forTraining(folder);
      if (set.queries().isEmpty()) {
        throw new FlowException(
            ErrorCode.FAILED_PRECONDITION,
            "train_data: feedback: nothing was judged that has a text and may be trained on (expected: /feedback was told)");
      }
      return set;
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.INTERNAL, "feedback: %s: %s".formatted(folder, e.getMessage()), e);
    }
  }
}

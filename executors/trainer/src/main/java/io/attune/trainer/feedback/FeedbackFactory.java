package io.attune.trainer.feedback;

import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.ExecutorFactory;

/// Makes a [Feedback] for `uses: Feedback`; its options are in [FeedbackOptions].
public final class FeedbackFactory implements ExecutorFactory {
  @Override
  public Executor create(ExecutorContext context) {
    return Feedback.open(context);
  }
}

package io.attune.evaluator;

import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.ExecutorFactory;

/// Makes the executor `Evaluator`.
public final class EvaluatorFactory implements ExecutorFactory {
  @Override
  public Executor create(ExecutorContext context) {
    return new Evaluator(context.name(), context.with());
  }
}

package io.attune.runtime.registry;

import io.attune.runtime.Answer;
import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.ExecutorFactory;

/// The example of docs/executors.md: `uses: Exclaim`.
public final class ExclaimFactory implements ExecutorFactory {
  @Override
  public Executor create(ExecutorContext context) {
    String mark = context.with().string("mark", "!");
    return endpoints ->
        endpoints.read(
            "/exclaim",
            call -> {
              int times = call.parameters().integer("times", 1, 1, 10);
              call.documents()
                  .forEach(document -> document.text(document.text() + mark.repeat(times)));
              return Answer.unchanged();
            });
  }
}

package io.attune.indexer;

import io.attune.indexer.generation.Generation;
import io.attune.indexer.generation.View;
import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.Progress;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// Finds the documents that cannot be embedded again, before anything is done.
final class Preparation {
  private static final int TOLD_EVERY = 10_000;

  private Preparation() {}

  /// Looks at every document of a generation.
  ///
  /// @param missing where those go that cannot be embedded
  static void count(
      Generation generation, MoveRequest command, Missing missing, Consumer<Progress> listener)
      throws IOException {
    Embeddability embeddability = new Embeddability(OwnVectors.of(command), command.getDimension());
    AtomicLong done = new AtomicLong();
    try (View view = generation.view()) {
      long total = view.documents();
      view.forEach((_, content) -> {
        embeddability
            .reasonAgainst(content)
            .ifPresent(reason -> missing.add(content.source().getId(), reason));
        if (done.incrementAndGet() % TOLD_EVERY == 0) {
          listener.accept(
              Progresses.of(missing)
                  .setDone(done.get())
                  .setTotal(total)
                  .setMessage("looking for documents that cannot be embedded again")
                  .build());
        }
      });
    }
  }
}

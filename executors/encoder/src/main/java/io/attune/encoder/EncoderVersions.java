package io.attune.encoder;

import io.attune.encoder.rollout.Command;
import io.attune.encoder.rollout.Versions;
import io.attune.models.ModelStore;
import io.attune.models.StoredModel;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.process.LowPriority;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/// The versions of an encoder's model: from the store into memory, and out of it.
final class EncoderVersions implements Versions {
  private final ResidentModels models;
  private final ModelStore store;
  private final ModelLoader loader;
  private final MemoryRoom room;
  private final LoadMetrics metrics;

  EncoderVersions(
      ResidentModels models,
      ModelStore store,
      ModelLoader loader,
      MemoryRoom room,
      LoadMetrics metrics) {
    this.models = models;
    this.store = store;
    this.loader = loader;
    this.room = room;
    this.metrics = metrics;
  }

  @Override
  public void load(ModelVersion version, Command.Expected expected, Consumer<String> steps)
      throws InterruptedException {
    try {
      if (models.versions().contains(version)) {
        try (ResidentModels.Lease lease = models.lease(version)) {
          require(expected, lease.model().space(), lease.model().dimension());
        }
        return;
      }
      StoredModel stored = store.open(version);
      require(expected, stored.artifact().space().id(), stored.artifact().dimension());
      room.require(stored, models.bytes());
      models.add(metrics.timed(() -> tried(stored, steps)));
    } catch (FlowException refused) {
      throw refusal(version, refused);
    }
  }

  private EmbeddingModel tried(StoredModel stored, Consumer<String> steps)
      throws InterruptedException {
    try (ResidentModels.Lease live = models.lease(models.live())) {
      return LowPriority.call(
          "load " + stored.id(), () -> loader.tried(stored, live.model(), steps));
    }
  }

  private static void require(Command.Expected expected, String space, int dimension) {
    require("space", space, expected.space().isEmpty() ? space : expected.space());
    require("dimension", dimension, expected.dimension() == 0 ? dimension : expected.dimension());
  }

  private static void require(String what, Object actual, Object expected) {
    if (!actual.equals(expected)) {
      throw FlowException.invalid(
          "%s is %s (expected: %s, as the rollout says)".formatted(what, actual, expected));
    }
  }

  /// A failed check is one whatever it failed over: repeating the command does not mend it.
  private static FlowException refusal(ModelVersion version, FlowException failure)
      throws InterruptedException {
    return switch (failure.code()) {
      case RESOURCE_EXHAUSTED -> failure;
      case CANCELLED, UNAVAILABLE -> throw new InterruptedException(failure.getMessage());
      default ->
          new FlowException(
              ErrorCode.FAILED_PRECONDITION,
              "model %s: %s".formatted(version, failure.getMessage()),
              failure);
    };
  }

  @Override
  public void serve(ModelVersion live, Collection<ModelVersion> held) {
    models.serve(live, held);
  }

  @Override
  public List<Held> held() {
    return models.held();
  }
}

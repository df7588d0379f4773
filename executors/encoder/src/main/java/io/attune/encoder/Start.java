package io.attune.encoder;

import io.attune.encoder.rollout.Participation;
import io.attune.encoder.rollout.Standing;
import io.attune.encoder.rollout.StandingStore;
import io.attune.models.DefaultModel;
import io.attune.models.ModelStore;
import io.attune.models.StoredModel;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What an encoder starts with: the versions that its standing names, or the one of its options
/// where it has none, which it keeps from then on. So a model that is published while the encoder
/// is down does not become live by a restart.
///
/// @param standing where it is
/// @param models the versions, loaded
/// @param options the encoder's
/// @param store where it keeps its standing
record Start(
    Standing standing, ResidentModels models, EncoderOptions options, StandingStore store) {
  private static final Logger LOG = LoggerFactory.getLogger(Start.class);

  /// Loads what there is to load.
  ///
  /// @throws FlowException where the live version cannot be loaded, or what is kept be read
  static Start of(EncoderOptions options, StandingStore store) {
    Standing standing = store.read().filter(kept -> isOf(kept, options)).orElse(null);
    return standing == null ? first(options, store) : again(standing, options, store);
  }

  /// A version that the options name goes before one that no rollout has brought.
  private static boolean isOf(Standing kept, EncoderOptions options) {
    String asked = options.model();
    boolean same = kept.model().equals(options.modelName());
    if (!same || kept.live().toString().equals(asked) || !options.namesVersion()) {
      return same;
    }
    if (kept.epoch() > 0) {
      LOG.atWarn()
          .addKeyValue("live", kept.live())
          .addKeyValue("option", asked)
          .log("model is live by a rollout; the version of the options counts for nothing");
    }
    return kept.epoch() > 0;
  }

  private static Start first(EncoderOptions options, StandingStore store) {
    StoredModel stored = DefaultModel.resolve(ModelStore.at(options.store()), options.model());
    ResidentModels models = new ResidentModels(ModelLoader.load(stored));
    Standing standing = Standing.of(stored.id());
    try {
      store.write(standing);
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("reason", e.getMessage())
          .log("standing cannot be kept; rollouts will be refused");
    }
    return new Start(standing, models, options, store);
  }

  private static Start again(Standing standing, EncoderOptions options, StandingStore store) {
    ModelStore stored = ModelStore.at(options.store());
    ResidentModels models = new ResidentModels(ModelLoader.load(stored.open(standing.live())));
    for (ModelVersion version : standing.held()) {
      if (!version.equals(standing.live())) {
        beside(models, stored, version);
      }
    }
    return new Start(standing, models, options, store);
  }

  /// A version that is not live keeps nobody from starting: requests for it are refused until the
  /// rollout's next command loads it, or gives it up.
  private static void beside(ResidentModels models, ModelStore stored, ModelVersion version) {
    try {
      models.add(ModelLoader.load(stored.open(version)));
    } catch (FlowException failed) {
      LOG.atWarn()
          .addKeyValue("model", version)
          .addKeyValue("reason", failed.getMessage())
          .log("model cannot be loaded beside the live one");
    }
  }

  /// Its part in rollouts.
  Participation participation(ResidentModels resident, LoadMetrics metrics) {
    EncoderVersions versions =
        new EncoderVersions(
            resident,
            ModelStore.at(options.store()),
            new ModelLoader(options),
            new MemoryRoom(options.loading().modelBytes()),
            metrics);
    return new Participation(versions, store, standing);
  }
}

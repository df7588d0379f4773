package io.attune.gateway.rollout;

import io.attune.gateway.rollout.trial.Trial;
import io.attune.gateway.router.LiveModels.Shadow;
import io.attune.gateway.router.LiveModels.Stamp;
import io.attune.runtime.ModelVersion;
import java.util.List;

/// The stamp of a search while versions are tried.
///
/// @param held what it holds
/// @param olds the trials that count it for the old version
/// @param news the trials that count it for the new one
/// @param shadows how it is asked again, once for each trial that drew it
record Tried(Stamp held, List<Trial> olds, List<Trial> news, List<Shadow> shadows)
    implements Stamp {
  @Override
  public List<ModelVersion> models() {
    return held.models();
  }

  @Override
  public void hold() {
    held.hold();
  }

  @Override
  public void release() {
    held.release();
  }

  @Override
  public void ended(boolean isAnswered, long nanos) {
    olds.forEach(trial -> trial.old(isAnswered, nanos));
    news.forEach(trial -> trial.tried(isAnswered, nanos));
  }
}

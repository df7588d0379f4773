package io.attune.trainer.fit;

import io.attune.models.ModelStore;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunMain;
import io.attune.trainer.run.RunProcess;
import java.nio.file.Path;
import java.util.List;

/// The process that trains one run; see [io.attune.trainer.run.RunProcess].
public final class FitMain {
  private FitMain() {}

  /// Trains the run of the folder that it is given.
  ///
  /// @param arguments the run's folder and, where it is not the default one, the ModelStore's
  public static void main(String[] arguments) {
    Path store = arguments.length > 1 ? Path.of(arguments[1]) : ModelStore.defaultRoot();
    RunMain.run(arguments, new GraphTraining(ModelStore.at(store)));
  }

  /// Starts this process for a run, or an attempt to go on with it.
  ///
  /// @param store where its model comes from and is published
  public static RunProcess start(RunFolder run, ModelStore store) {
    run.models(store.root());
    return RunProcess.start(run, FitMain.class, List.of(store.root().toString()));
  }

  /// The store that a run was started with, from which it goes on.
  ///
  /// @param first that of a run which was not started yet
  public static ModelStore storeOf(RunFolder run, ModelStore first) {
    return run.models().map(ModelStore::at).orElse(first);
  }
}

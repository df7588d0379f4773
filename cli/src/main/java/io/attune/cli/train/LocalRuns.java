package io.attune.cli.train;

import io.attune.models.ModelExport;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.run.ProgressListener;
import io.attune.trainer.run.RunArtifact;
import io.attune.trainer.run.RunFolder;
import io.attune.trainer.run.RunProcess;
import io.attune.trainer.run.RunStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The runs of a folder.
final class LocalRuns implements RunsAccess {
  private final RunStore store;

  LocalRuns(RunStore store) {
    this.store = store;
  }

  @Override
  public String where() {
    return "in " + store.root();
  }

  @Override
  public List<RunRow> list(@Nullable String experiment) {
    List<RunFolder> runs = experiment == null ? store.list() : store.list(experiment);
    return runs.stream().map(RunRow::ofAny).toList();
  }

  @Override
  public RunRow get(String run) {
    return RunRow.of(store.resolve(run));
  }

  @Override
  public RunRow events(String run, boolean follow, ProgressListener listener)
      throws InterruptedException {
    RunFolder found = store.resolve(run);
    if (follow) {
      return RunRow.of(found, found.follow().events(listener));
    }
    found.events().forEach(listener::on);
    return RunRow.of(found);
  }

  @Override
  public RunRow logs(String run, boolean follow, Consumer<String> line)
      throws InterruptedException {
    RunFolder found = store.resolve(run);
    if (follow) {
      return RunRow.of(found, found.follow().log(line));
    }
    found.logs().forEach(line);
    return RunRow.ofAny(found);
  }

  @Override
  public RunRow cancel(String run, Duration grace) throws InterruptedException {
    RunFolder found = store.resolve(run);
    return RunRow.of(found, RunProcess.cancel(found, grace));
  }

  @Override
  public void delete(String run) {
    store.delete(store.resolve(run));
  }

  @Override
  public Saved save(String run, Path folder) throws IOException {
    RunFolder found = store.resolve(run);
    RunArtifact artifact =
        found
            .artifact()
            .orElseThrow(() ->
                new FlowException(
                    ErrorCode.FAILED_PRECONDITION,
                    "run: %s is %s and has no artifact (expected: a finished run)"
                        .formatted(found.id(), found.state().status())));
    Path target = folder.resolve(found.name() + ".zip");
    Files.createDirectories(folder);
    new ModelExport(artifact.open()).toZip(target);
    return new Saved(RunRow.of(found), artifact.model(), target);
  }

  @Override
  public void close() {}
}

package io.attune.trainer.run;

import io.attune.models.Durable;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.registry.Spelling;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/// Experiments and their runs, `<root>/<experiment>/<run>/`. See [RunFolder] for what is in a run.
///
/// A run is written completely beside its place and moved there in one step that fails where the
/// name is taken; deleting moves it away first. So a run is there as a whole or not at all, and two
/// creators never get one name.
public final class RunStore {
  private static final int ATTEMPTS = 1000;

  private final Path root;

  private RunStore(Path root) {
    this.root = root;
  }

  /// The store of a folder, which is made with the first experiment.
  public static RunStore at(Path root) {
    return new RunStore(root.toAbsolutePath().normalize());
  }

  /// The folder where none is given: `$ATTUNE_RUNS`, or `~/.attune/runs`.
  public static Path defaultRoot() {
    String set = System.getenv("ATTUNE_RUNS");
    return set == null || set.isBlank()
        ? Path.of(System.getProperty("user.home"), ".attune", "runs")
        : Path.of(set);
  }

  /// The folder.
  public Path root() {
    return root;
  }

  /// The names of the experiments, sorted.
  public List<String> experiments() {
    return children(root);
  }

  /// Creates an experiment.
  ///
  /// @throws FlowException (ALREADY_EXISTS) where there is one of that name
  public void createExperiment(String name) {
    try {
      Files.createDirectories(root);
      Files.createDirectory(experiment(name));
      Durable.syncFolder(root);
    } catch (FileAlreadyExistsException e) {
      throw new FlowException(
          ErrorCode.ALREADY_EXISTS, "experiment: " + name + " is there already", e);
    } catch (IOException e) {
      throw failed(root, e);
    }
  }

  /// Deletes an experiment with all its runs.
  ///
  /// @throws FlowException (FAILED_PRECONDITION) where one of them is running
  public void deleteExperiment(String name) {
    if (!Files.isDirectory(experiment(name))) {
      throw new FlowException(
          ErrorCode.NOT_FOUND,
          "experiment: %s (expected: %s)".formatted(name, Spelling.expected(name, experiments())));
    }
    list(name).forEach(RunStore::requireStill);
    remove(experiment(name));
  }

  /// Creates a run: of the configuration's name, or of one that is free. Its experiment is created
  /// with it where it is not there.
  ///
  /// @throws FlowException (ALREADY_EXISTS) where the configuration's name is taken
  public RunFolder create(RunConfig config) {
    return create(config, Map.of());
  }

  /// The same, for a run that takes files with it: they are moved into its folder before it
  /// appears, and its configuration names them there.
  ///
  /// @param files synced files that nobody else uses, by the name of the configuration that they
  ///   stand for
  /// @throws FlowException (ALREADY_EXISTS) where the configuration's name is taken
  public RunFolder create(RunConfig config, Map<String, Path> files) {
    Path experiment = experiment(config.experimentName());
    Path draft = experiment.resolve(".draft-" + UUID.randomUUID());
    try {
      Files.createDirectories(experiment);
      try {
        Files.createDirectory(draft);
        moveIn(files, draft);
        return place(config, files, draft);
      } finally {
        Durable.deleteTree(draft);
      }
    } catch (IOException e) {
      throw failed(experiment, e);
    }
  }

  private static void moveIn(Map<String, Path> files, Path draft) throws IOException {
    if (!files.isEmpty()) {
      Path data = Files.createDirectory(draft.resolve(RunFolder.DATA));
      for (Path file : files.values()) {
        Files.move(file, data.resolve(file.getFileName()));
      }
      Durable.syncFolder(data);
    }
  }

  /// Gives a draft its name.
  private RunFolder place(RunConfig config, Map<String, Path> files, Path draft)
      throws IOException {
    Path experiment = experiment(config.experimentName());
    String wanted = config.runName();
    RunNames names = RunNames.random();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      String name = wanted == null ? names.next() : RunNames.require("run_name", wanted);
      Path place = experiment.resolve(name);
      if (!Files.exists(place) && write(config.with(settled(name, place, files)), draft, place)) {
        return RunFolder.at(place);
      }
      if (wanted != null) {
        throw new FlowException(
            ErrorCode.ALREADY_EXISTS,
            "run_name: %s/%s is taken (expected: a new name, or none for one that is free)"
                .formatted(config.experimentName(), name));
      }
    }
    throw new FlowException(
        ErrorCode.RESOURCE_EXHAUSTED, "experiment: " + experiment + ": no free name found");
  }

  /// What of a configuration follows from the run's place.
  private static Map<String, String> settled(String name, Path place, Map<String, Path> files) {
    Map<String, String> settled = new HashMap<>();
    settled.put("run_name", name);
    files.forEach((key, file) ->
        settled.put(key, place.resolve(RunFolder.DATA).resolve(file.getFileName()).toString()));
    return settled;
  }

  /// Renaming over a folder with files in it fails, whoever put it there.
  private static boolean write(RunConfig config, Path draft, Path place) throws IOException {
    try {
      Durable.write(draft, RunFolder.CONFIG, config.toYaml());
      StateFile.write(draft, RunState.created(Instant.now()));
      Files.move(draft, place, StandardCopyOption.ATOMIC_MOVE);
      Durable.syncFolder(place.resolveSibling(""));
      return true;
    } catch (FileSystemException e) {
      if (Files.exists(place)) {
        return false;
      }
      throw e;
    }
  }

  /// The run of an experiment.
  ///
  /// @throws FlowException (NOT_FOUND) naming what is near
  public RunFolder get(String experiment, String name) {
    Path folder = experiment(experiment).resolve(RunNames.require("run", name));
    if (!Files.isDirectory(folder)) {
      throw missing(experiment + "/" + name);
    }
    return RunFolder.at(folder);
  }

  /// What a person writes: `experiment/run`, or `run` where only one experiment has it.
  ///
  /// @throws FlowException (NOT_FOUND) naming what is near
  public RunFolder resolve(String reference) {
    int slash = reference.indexOf('/');
    if (slash >= 0) {
      return get(reference.substring(0, slash), reference.substring(slash + 1));
    }
    RunNames.require("run", reference);
    List<RunFolder> found = list().stream().filter(run -> run.name().equals(reference)).toList();
    if (found.size() > 1) {
      throw FlowException.invalid(
          "run: %s (expected: one of %s)"
              .formatted(reference, found.stream().map(RunFolder::id).toList()));
    }
    if (found.isEmpty()) {
      throw missing(reference);
    }
    return found.getFirst();
  }

  private FlowException missing(String reference) {
    List<String> known =
        list().stream()
            .map(run -> reference.indexOf('/') < 0 ? run.name() : run.id())
            .distinct()
            .toList();
    return new FlowException(
        ErrorCode.NOT_FOUND,
        "run: %s is not there (expected: %s)"
            .formatted(reference, Spelling.expected(reference, known)));
  }

  /// All runs, the newest last.
  public List<RunFolder> list() {
    return experiments().stream()
        .flatMap(experiment -> list(experiment).stream())
        .sorted(Comparator.comparing(RunStore::created))
        .toList();
  }

  /// A run that is being deleted, or whose state is damaged, is as old as can be: it does not hide
  /// the others.
  private static Instant created(RunFolder run) {
    try {
      return run.state().created();
    } catch (FlowException _) {
      return Instant.EPOCH;
    }
  }

  /// The runs of an experiment, by name.
  public List<RunFolder> list(String experiment) {
    Path folder = experiment(experiment);
    return children(folder).stream()
        .filter(name -> Files.exists(folder.resolve(name).resolve(StateFile.NAME)))
        .map(name -> RunFolder.at(folder.resolve(name)))
        .toList();
  }

  /// Deletes a run.
  ///
  /// @throws FlowException (FAILED_PRECONDITION) where it is running
  public void delete(RunFolder run) {
    requireStill(run);
    remove(run.path());
  }

  private static void requireStill(RunFolder run) {
    if (run.state().isTaken()) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "run: " + run.id() + " is running (expected: cancel it before it is deleted)");
    }
  }

  private static void remove(Path folder) {
    Path gone = folder.resolveSibling(".deleted-" + UUID.randomUUID());
    try {
      Files.move(folder, gone, StandardCopyOption.ATOMIC_MOVE);
      Durable.syncFolder(gone.resolveSibling(""));
      Durable.deleteTree(gone);
    } catch (IOException e) {
      throw failed(folder, e);
    }
  }

  private Path experiment(String name) {
    return root.resolve(RunNames.require("experiment", name));
  }

  private static List<String> children(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(Files::isDirectory)
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.startsWith("."))
          .sorted()
          .toList();
    } catch (NoSuchFileException | NotDirectoryException _) {
      return List.of();
    } catch (IOException | UncheckedIOException e) {
      throw failed(folder, e);
    }
  }

  static FlowException failed(Path path, Exception cause) {
    return new FlowException(ErrorCode.INTERNAL, "run: " + path + ": " + cause.getMessage(), cause);
  }
}

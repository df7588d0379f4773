package io.attune.trainer.run;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The checkpoints of a run: `step-000000000120.checkpoint` of the last ones, `best.checkpoint`
/// with the weights of the best. Each is one file, written in one step, with its own hash.
public final class Checkpoints {
  private static final Pattern STEP = Pattern.compile("step-[0-9]{12}\\.checkpoint");
  private static final String BEST = "best.checkpoint";
  private static final String WITHIN = "within-epoch.checkpoint";

  private final Path folder;

  Checkpoints(Path folder) {
    this.folder = folder;
  }

  /// Writes a checkpoint, and removes the oldest beyond those to keep.
  ///
  /// @param keep how many, 1 or more; with 1 there is none to fall back to where a disk damages it
  public void save(Checkpoint checkpoint, int keep) {
    if (keep < 1) {
      throw FlowException.invalid("last_k_epochs: " + keep + " (expected: 1 or more)");
    }
    try {
      CheckpointFile.write(
          folder.resolve("step-%012d.checkpoint".formatted(checkpoint.step())), checkpoint);
      List<Path> files = steps();
      for (Path old : files.subList(0, Math.max(0, files.size() - keep))) {
        Files.deleteIfExists(old);
      }
      Files.deleteIfExists(folder.resolve(WITHIN));
    } catch (IOException e) {
      throw RunStore.failed(folder, e);
    }
  }

  /// Writes a checkpoint within an epoch over the one before; the epoch's end removes it.
  public void saveWithin(Checkpoint checkpoint) {
    try {
      CheckpointFile.write(folder.resolve(WITHIN), checkpoint);
    } catch (IOException e) {
      throw RunStore.failed(folder, e);
    }
  }

  /// Writes the best weights so far over those before.
  public void saveBest(Checkpoint checkpoint) {
    try {
      CheckpointFile.write(folder.resolve(BEST), checkpoint.weightsOnly());
    } catch (IOException e) {
      throw RunStore.failed(folder, e);
    }
  }

  /// The newest checkpoint that is as it was written; a damaged one is passed over.
  ///
  /// @param config what is trained now
  /// @param refused told why, for each that is passed over
  /// @throws FlowException (DATA_LOSS) where there are some and all are damaged,
  ///   (FAILED_PRECONDITION) where it is of another configuration
  public Optional<Checkpoint> latest(RunConfig config, Consumer<String> refused) {
    List<Path> files = new ArrayList<>(steps());
    Path within = folder.resolve(WITHIN);
    if (Files.exists(within)) {
      files.add(within); // it is newer, or it would have been removed
    }
    FlowException last = null;
    for (Path file : files.reversed()) {
      try {
        return Optional.of(require(CheckpointFile.read(file), config, file));
      } catch (FlowException e) {
        if (e.code() != ErrorCode.DATA_LOSS) {
          throw e;
        }
        refused.accept(String.valueOf(e.getMessage()));
        last = e;
      }
    }
    if (last != null) {
      throw last;
    }
    return Optional.empty();
  }

  /// The best weights, where some were kept.
  ///
  /// @throws FlowException (DATA_LOSS) where they are damaged, (FAILED_PRECONDITION) where they are
  ///   of another configuration
  public Optional<Checkpoint> best(RunConfig config) {
    Path file = folder.resolve(BEST);
    return Files.exists(file)
        ? Optional.of(require(CheckpointFile.read(file), config, file))
        : Optional.empty();
  }

  /// Removes what a process that was killed had begun to write.
  void sweep() {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path begun :
          files.filter(file -> file.getFileName().toString().startsWith(".")).toList()) {
        Files.deleteIfExists(begun);
      }
    } catch (NoSuchFileException _) {
      // none was ever written
    } catch (IOException e) {
      throw RunStore.failed(folder, e);
    }
  }

  /// Whether there is none to go on from.
  public boolean isEmpty() {
    return steps().isEmpty() && !Files.exists(folder.resolve(WITHIN));
  }

  private static Checkpoint require(Checkpoint checkpoint, RunConfig config, Path file) {
    if (!checkpoint.configHash().equals(config.hash())) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "checkpoint: %s is of another configuration (expected: the run.yml it was trained with)"
              .formatted(file));
    }
    return checkpoint;
  }

  private List<Path> steps() {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> STEP.matcher(file.getFileName().toString()).matches())
          .sorted(Comparator.naturalOrder())
          .toList();
    } catch (NoSuchFileException _) {
      return List.of();
    } catch (IOException e) {
      throw RunStore.failed(folder, e);
    }
  }
}

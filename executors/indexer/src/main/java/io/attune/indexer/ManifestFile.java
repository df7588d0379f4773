package io.attune.indexer;

import io.attune.proto.attune.MoveRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A shard's [Manifest] as its file holds it, and what is noted there of generations and rollouts.
///
/// It is read without waiting. It is changed by one thread at a time, which holds this monitor, and
/// is on disk before anybody reads the change.
final class ManifestFile {
  private final Path folder;
  private volatile Manifest written;

  /// @param folder where the file lies
  /// @param written what it holds
  ManifestFile(Path folder, Manifest written) {
    this.folder = folder;
    this.written = written;
  }

  /// Where everything of the shard lies.
  Path folder() {
    return folder;
  }

  /// What the file holds now.
  Manifest now() {
    return written;
  }

  /// Replaces what the file holds.
  synchronized void change(UnaryOperator<Manifest> change) throws IOException {
    Manifest changed = change.apply(written);
    changed.write(folder);
    written = changed;
  }

  /// The generations that it lists.
  List<Manifest.Entry> generations() {
    return written.generations();
  }

  /// What it lists of the generation of a space.
  Optional<Manifest.Entry> generation(String space) {
    return generations().stream().filter(entry -> entry.space().equals(space)).findFirst();
  }

  /// Whether a generation holds all documents, or gets there by following the log.
  boolean isBuilt(String space) {
    return generation(space).map(Manifest.Entry::isBuilt).orElse(false);
  }

  /// Notes that a generation holds all documents but some.
  synchronized void built(String space, KeptMissing missing) throws IOException {
    if (!isBuilt(space)) {
      update(space, held -> held.withBuilt(true).withMissing(missing));
    }
  }

  /// Notes that a generation does not hold all documents any more.
  synchronized void incomplete(String space) throws IOException {
    if (isBuilt(space)) {
      update(space, held -> held.withBuilt(false));
    }
  }

  /// Notes that a generation is to be copied anew, from its first document on.
  void empty(String space) throws IOException {
    update(space, held -> held.withBuilt(false).withMissing(KeptMissing.NONE));
  }

  /// The documents that a generation lacks, as far as it is committed. Of one that is alone it is
  /// what it lacked when it came to be, until another is made.
  KeptMissing missing(String space) {
    return generation(space).map(Manifest.Entry::missing).orElse(KeptMissing.NONE);
  }

  /// Notes which documents a generation lacks.
  synchronized void missing(String space, KeptMissing missing) throws IOException {
    if (!missing(space).equals(missing)) {
      update(space, held -> held.withMissing(missing));
    }
  }

  private void update(String space, UnaryOperator<Manifest.Entry> change) throws IOException {
    change(held ->
        held.withGenerations(
            held.generations().stream()
                .map(entry -> entry.space().equals(space) ? change.apply(entry) : entry)
                .toList()));
  }

  /// The last rollout; null before the first.
  @Nullable Rollout rollout() {
    return written.rollout();
  }

  /// Notes how far a rollout is.
  void rollout(Rollout changed) throws IOException {
    change(held -> held.withRollout(changed));
  }

  /// Notes why a command is refused, unless another came behind it.
  synchronized void refused(MoveRequest command, String reason) throws IOException {
    Rollout held = rollout();
    if (held != null && held.command().equals(command)) {
      rollout(held.refused(reason));
    }
  }

  /// The greatest epoch seen in rollouts of a model; 0 for none.
  long epoch(String model) {
    return written.epochs().getOrDefault(model, 0L);
  }
}

package io.attune.trainer.executor;

import com.google.protobuf.ByteString;
import io.attune.models.Durable;
import io.attune.models.ModelExport;
import io.attune.models.StoredModel;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.run.RunArtifact;
import io.attune.trainer.run.RunFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import java.util.function.BiConsumer;

/// The model that a run published, as the zip that `attune models import` reads, in a temporary
/// file until it is closed.
final class SavedModel implements AutoCloseable {
  /// Messages have a limit of 128 MiB, which other parts of them share.
  private static final long MOST_BYTES = 120 << 20;

  private static final int PIECE_BYTES = 1 << 20;

  private final String artifact;
  private final Path folder;
  private final Path zip;

  private SavedModel(String artifact, Path folder, Path zip) {
    this.artifact = artifact;
    this.folder = folder;
    this.zip = zip;
  }

  /// @throws FlowException FAILED_PRECONDITION for a run without a model
  static SavedModel of(RunFolder run) {
    RunArtifact artifact =
        run.artifact()
            .orElseThrow(() ->
                new FlowException(
                    ErrorCode.FAILED_PRECONDITION,
                    "run: %s is %s and has no artifact (expected: a finished run)"
                        .formatted(run.id(), run.state().status())));
    return of(artifact.open());
  }

  /// The same of a model that is stored.
  static SavedModel of(StoredModel model) {
    String name = model.id().toString();
    try {
      Path folder = Files.createTempDirectory("attune-save-");
      Path zip = folder.resolve(model.artifact().name() + ".zip");
      SavedModel saved = new SavedModel(name, folder, zip);
      try {
        new ModelExport(model).toZip(zip);
      } catch (RuntimeException failure) {
        saved.close();
        throw failure;
      }
      return saved;
    } catch (IOException e) {
      throw failed(name, e);
    }
  }

  /// Writes it to a file in one step, over a model that was saved there before.
  ///
  /// @throws FlowException ALREADY_EXISTS for a file that is no saved model
  void copyTo(Path target) {
    Path draft = target.resolveSibling("." + target.getFileName() + "-" + UUID.randomUUID());
    try {
      if (Files.exists(target) && !isZip(target)) {
        throw new FlowException(
            ErrorCode.ALREADY_EXISTS,
            "model_path: %s is there and no saved model (expected: another name)"
                .formatted(target.getFileName()));
      }
      try {
        Files.copy(zip, draft);
        Durable.sync(draft);
        Files.move(
            draft, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Durable.syncFolder(target.resolveSibling(""));
      } finally {
        Files.deleteIfExists(draft);
      }
    } catch (IOException e) {
      throw failed(artifact, e);
    }
  }

  private static boolean isZip(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.read() == 'P' && in.read() == 'K';
    }
  }

  /// Its name and version.
  String artifact() {
    return artifact;
  }

  /// In bytes.
  long size() {
    try {
      return Files.size(zip);
    } catch (IOException e) {
      throw failed(artifact, e);
    }
  }

  /// All of it.
  ///
  /// @throws FlowException RESOURCE_EXHAUSTED for a model too large to travel in one message
  ByteString whole() {
    if (size() > MOST_BYTES) {
      throw new FlowException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "artifact: %s has %,d bytes (expected: at most %,d; attune runs save --address has no limit, and it lies in the ModelStore)"
              .formatted(artifact, size(), MOST_BYTES));
    }
    try (InputStream in = Files.newInputStream(zip)) {
      return ByteString.readFrom(in);
    } catch (IOException e) {
      throw failed(artifact, e);
    }
  }

  /// Tells it in pieces, one or more, each with whether it is the first.
  void pieces(BiConsumer<ByteString, Boolean> listener) {
    try (InputStream in = Files.newInputStream(zip)) {
      boolean first = true;
      byte[] piece = in.readNBytes(PIECE_BYTES);
      while (first || piece.length > 0) {
        listener.accept(ByteString.copyFrom(piece), first);
        first = false;
        piece = in.readNBytes(PIECE_BYTES);
      }
    } catch (IOException e) {
      throw failed(artifact, e);
    }
  }

  private static FlowException failed(String artifact, IOException cause) {
    return new FlowException(
        ErrorCode.INTERNAL, "artifact: %s: %s".formatted(artifact, cause.getMessage()), cause);
  }

  @Override
  public void close() {
    try {
      Durable.deleteTree(folder);
    } catch (IOException e) {
      throw failed(artifact, e);
    }
  }
}

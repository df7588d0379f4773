package io.attune.models;

import io.attune.models.archive.PlainFolder;
import io.attune.models.archive.ZipWriter;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/// Writes an artifact out of a store, as a folder or a zip that [ModelImport] reads. What is
/// written appears at its place in one step, complete; a place that is taken is refused.
public final class ModelExport {
  private final StoredModel model;

  /// An export of a model, whose hashes are checked when it is written.
  public ModelExport(StoredModel model) {
    this.model = model;
  }

  /// Writes a folder.
  public void toFolder(Path target) {
    write(
        target,
        draft -> {
          Files.createDirectory(draft);
          PlainFolder folder = PlainFolder.of(model.folder());
          for (String name : names()) {
            folder.copy(name, draft.resolve(name));
            Durable.sync(draft.resolve(name));
          }
          Durable.syncFolder(draft);
        });
  }

  /// Writes a zip; equal artifacts give equal bytes.
  public void toZip(Path target) {
    write(
        target,
        draft -> {
          ZipWriter.write(model.folder(), names(), draft);
          Durable.sync(draft);
        });
  }

  private List<String> names() {
    List<String> names = new ArrayList<>();
    names.add(Artifact.FILE);
    model.artifact().files().keySet().stream().sorted().forEach(names::add);
    return names;
  }

  private interface Writer {
    void write(Path draft) throws IOException;
  }

  private void write(Path target, Writer writer) {
    model.requireIntact();
    Path place = target.toAbsolutePath().normalize();
    Path parent = Objects.requireNonNullElse(place.getParent(), place);
    Path draft = parent.resolve("." + place.getFileName() + "-" + UUID.randomUUID());
    try {
      requireFree(place);
      Files.createDirectories(parent);
      try {
        writer.write(draft);
        requireFree(place);
        Files.move(draft, place, StandardCopyOption.ATOMIC_MOVE);
        Durable.syncFolder(parent);
      } finally {
        Durable.deleteTree(draft);
      }
    } catch (IOException e) {
      throw new FlowException(ErrorCode.INTERNAL, "export: " + target + ": " + e.getMessage(), e);
    }
  }

  private static void requireFree(Path place) {
    if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
      throw new FlowException(
          ErrorCode.ALREADY_EXISTS, place + ": is there already (expected: a new name)");
    }
  }
}

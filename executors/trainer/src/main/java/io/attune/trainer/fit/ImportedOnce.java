package io.attune.trainer.fit;

import io.attune.models.Durable;
import io.attune.models.ModelStore;
import io.attune.models.Sha256;
import io.attune.models.StoredModel;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Imports what people train by its file: the same file a second time is the version that it became
/// the first time. Which that was is noted beside the models, by the SHA-256 of what was read.
///
/// Two who ask at the same time, in one process or in two, wait for the one that imports: the
/// monitor of this class keeps threads apart, the lock on a file beside the notes processes.
final class ImportedOnce {
  private static final String FOLDER = ".imports";
  private static final String LOCK = ".lock";

  private final ModelStore store;
  private final Consumer<String> notes;

  ImportedOnce(ModelStore store, Consumer<String> notes) {
    this.store = store;
    this.notes = notes;
  }

  /// The model of a file or folder.
  ///
  /// @param source a graph, beside its tokeniser and external data, a zip or a folder
  /// @param imports imports it
  StoredModel of(Path source, Supplier<StoredModel> imports) {
    try {
      if (!Files.exists(source)) {
        return imports.get(); // and says what is missing
      }
      String hash = hash(source);
      Path folder = Files.createDirectories(store.root().resolve(FOLDER));
      synchronized (ImportedOnce.class) {
        try (FileChannel channel =
                FileChannel.open(
                    folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock _ = channel.lock()) {
          return of(source, folder, hash, imports);
        }
      }
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.INTERNAL, source + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private StoredModel of(Path source, Path folder, String hash, Supplier<StoredModel> imports)
      throws IOException {
    Optional<StoredModel> known = known(folder.resolve(hash));
    if (known.isPresent()) {
      notes.accept("%s is %s".formatted(source.getFileName(), known.get().id()));
      return known.get();
    }
    StoredModel model = imports.get();
    Durable.write(folder, hash, model.id().toString());
    return model;
  }

  /// What a note names, unless it is gone or damaged.
  private Optional<StoredModel> known(Path note) throws IOException {
    if (!Files.isRegularFile(note)) {
      return Optional.empty();
    }
    try {
      StoredModel model = store.resolve(Files.readString(note).strip());
      model.requireIntact();
      return Optional.of(model);
    } catch (FlowException e) {
      notes.accept(e.getMessage() + "; it is imported again");
      return Optional.empty();
    }
  }

  private static String hash(Path source) throws IOException {
    Path absolute = source.toAbsolutePath().normalize();
    return Sha256.of(out -> {
      for (Path file : files(absolute)) {
        String name = file.equals(absolute) ? "" : absolute.relativize(file).toString();
        out.write((name + '\0' + Files.size(file) + '\0').getBytes(StandardCharsets.UTF_8));
        try (InputStream in = Files.newInputStream(file)) {
          in.transferTo(out);
        }
      }
      // a model is called by its file or the folder around it
      out.write(absolute.getFileName().toString().getBytes(StandardCharsets.UTF_8));
      out.write(String.valueOf(absolute.getParent()).getBytes(StandardCharsets.UTF_8));
    });
  }

  /// All of a folder; of a graph also its tokeniser and what is called like it.
  private static List<Path> files(Path source) throws IOException {
    if (Files.isDirectory(source)) {
      try (Stream<Path> files = Files.walk(source)) {
        return files.filter(Files::isRegularFile).sorted().toList();
      }
    }
    String name = source.getFileName().toString();
    if (!name.endsWith(".onnx")) {
      return List.of(source);
    }
    try (Stream<Path> files = Files.list(source.resolveSibling(""))) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> {
            String other = file.getFileName().toString();
            return other.startsWith(name) || other.endsWith(".json") || other.endsWith("data");
          })
          .sorted()
          .toList();
    }
  }
}

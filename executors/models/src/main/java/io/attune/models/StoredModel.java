package io.attune.models;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// An artifact in its folder.
///
/// @param folder the folder that holds its files
/// @param artifact what its `artifact.yml` says
public record StoredModel(Path folder, Artifact artifact) {
  /// Reads the artifact of a folder; the other files are not looked at.
  public static StoredModel open(Path folder) {
    return new StoredModel(folder, Artifact.read(folder.resolve(Artifact.FILE)));
  }

  /// Name and version.
  public ModelVersion id() {
    return artifact.id();
  }

  /// The graph's file.
  public Path model() {
    return folder.resolve(Artifact.MODEL);
  }

  /// The tokeniser's file.
  public Path tokenizer() {
    return folder.resolve(Artifact.TOKENIZER);
  }

  /// The goldens' file.
  public Path golden() {
    return folder.resolve(Artifact.GOLDEN);
  }

  /// Recomputes the hash of every file.
  ///
  /// @return this model
  /// @throws FlowException (DATA_LOSS) where a file is missing, changed or not listed
  public StoredModel requireIntact() {
    try (Stream<Path> files = Files.list(folder)) {
      Set<String> present =
          files
              .map(file -> file.getFileName().toString())
              .collect(Collectors.toCollection(TreeSet::new));
      present.remove(Artifact.FILE);
      if (!present.equals(artifact.files().keySet())) {
        throw damaged("files " + present, "exactly " + artifact.files().keySet());
      }
      for (Map.Entry<String, String> file : artifact.files().entrySet()) {
        requireHash(file.getKey(), file.getValue());
      }
      return this;
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.DATA_LOSS, folder + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private void requireHash(String name, String expected) throws IOException {
    Path file = folder.resolve(name);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw damaged(name + " is no plain file", "a plain file");
    }
    String actual = Sha256.of(file);
    if (!actual.equals(expected)) {
      throw damaged(name + " has sha256 " + actual, expected);
    }
  }

  private FlowException damaged(String actual, String expected) {
    return new FlowException(
        ErrorCode.DATA_LOSS, folder + ": " + actual + " (expected: " + expected + ")");
  }
}

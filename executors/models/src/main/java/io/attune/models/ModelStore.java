package io.attune.models;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A folder of immutable model versions, `<root>/<name>/<version>/…`, with informal tags in
/// `<root>/<name>/tags/`.
///
/// A version is written completely in a folder beside its place and moved there in one atomic step
/// that fails where the number is taken: two publishers never get one number, and a version is
/// either there with all its files or not at all. What serves a Flow is not said here but in the
/// Flow's live record.
public final class ModelStore {
  static final String TAGS = "tags";

  private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,8}");

  private final Path root;

  private ModelStore(Path root) {
    this.root = root;
  }

  /// The folder where none is given: `$ATTUNE_MODELS`, or `~/.attune/models`.
  public static Path defaultRoot() {
    String set = System.getenv("ATTUNE_MODELS");
    return set == null || set.isBlank()
        ? Path.of(System.getProperty("user.home"), ".attune", "models")
        : Path.of(set);
  }

  /// The store of a folder, which is made when the first version is published.
  public static ModelStore at(Path root) {
    return new ModelStore(root.toAbsolutePath().normalize());
  }

  /// The folder.
  public Path root() {
    return root;
  }

  /// The names of the models, sorted.
  public List<String> names() {
    return children(root).stream()
        .filter(name -> !name.startsWith(".") && !versions(name).isEmpty())
        .sorted()
        .toList();
  }

  /// The versions of a model, ascending; none where there is no such model.
  public List<Integer> versions(String name) {
    return children(folder(name)).stream()
        .filter(child -> VERSION.matcher(child).matches())
        .map(Integer::valueOf)
        .sorted()
        .toList();
  }

  /// Every version of every model, by name and version.
  public List<ModelVersion> ids() {
    return names().stream()
        .flatMap(name -> versions(name).stream().map(version -> new ModelVersion(name, version)))
        .toList();
  }

  /// The newest version of a model.
  public Optional<StoredModel> latest(String name) {
    List<Integer> versions = versions(name);
    return versions.isEmpty()
        ? Optional.empty()
        : Optional.of(open(new ModelVersion(name, versions.getLast())));
  }

  /// The version; its `artifact.yml` is read, its other files are not looked at.
  ///
  /// @throws FlowException (NOT_FOUND) naming the versions there are
  public StoredModel open(ModelVersion id) {
    Path folder = folder(id.name()).resolve(Integer.toString(id.version()));
    if (!Files.isDirectory(folder)) {
      List<Integer> versions = versions(id.name());
      throw new FlowException(
          ErrorCode.NOT_FOUND,
          versions.isEmpty()
              ? "model: %s is not in the store (expected: one of %s)".formatted(id, names())
              : "model: %s is not in the store (expected: a version of %s)"
                  .formatted(id, versions));
    }
    StoredModel model = StoredModel.open(folder);
    if (!model.artifact().id().equals(id)) {
      throw new FlowException(
          ErrorCode.DATA_LOSS,
          "%s: %s (expected: %s)".formatted(folder, model.artifact().id(), id));
    }
    return model;
  }

  /// What a person or a Flow YAML writes: `name` (the newest), `name@3` or `name@tag`.
  ///
  /// @throws FlowException (NOT_FOUND) naming what there is
  public StoredModel resolve(String reference) {
    int at = reference.lastIndexOf('@');
    if (at < 0) {
      return latest(Artifact.requireName(reference))
          .orElseThrow(() ->
              new FlowException(
                  ErrorCode.NOT_FOUND,
                  "model: %s is not in the store (expected: one of %s)"
                      .formatted(reference, names())));
    }
    String name = reference.substring(0, at);
    String which = reference.substring(at + 1);
    if (VERSION.matcher(which).matches()) {
      return open(new ModelVersion(name, Integer.parseInt(which)));
    }
    Map<String, Integer> tags = tags(name);
    Integer version = tags.get(which);
    if (version == null) {
      throw new FlowException(
          ErrorCode.NOT_FOUND,
          "model: %s has no tag %s (expected: one of %s, or a version of %s)"
              .formatted(name, which, tags.keySet(), versions(name)));
    }
    return open(new ModelVersion(name, version));
  }

  /// Starts a new version: a folder to write its files in, out of sight until it is published.
  public Staging stage(String name) {
    return Staging.create(this, name);
  }

  /// The tags of a model and the versions they name.
  public Map<String, Integer> tags(String name) {
    Path folder = folder(name).resolve(TAGS);
    Map<String, Integer> tags = new TreeMap<>();
    for (String tag : children(folder)) {
      if (!tag.startsWith(".")) {
        readTag(folder.resolve(tag)).ifPresent(version -> tags.put(tag, version));
      }
    }
    return tags;
  }

  /// Lets a tag name a version; what it named before is forgotten.
  public void tag(ModelVersion id, String tag) {
    if (VERSION.matcher(tag).matches()) {
      throw FlowException.invalid("tag: " + tag + " (expected: a word, not a version)");
    }
    Artifact.requireName(tag);
    open(id);
    Path folder = folder(id.name()).resolve(TAGS);
    try {
      Durable.write(folder, tag, Integer.toString(id.version()));
    } catch (IOException e) {
      throw failed(folder, e);
    }
  }

  /// Removes a tag, where there is one.
  public void untag(String name, String tag) {
    try {
      Files.deleteIfExists(folder(name).resolve(TAGS).resolve(Artifact.requireName(tag)));
    } catch (IOException e) {
      throw failed(folder(name), e);
    }
  }

  Path folder(String name) {
    return root.resolve(Artifact.requireName(name));
  }

  private static Optional<Integer> readTag(Path file) {
    try {
      String version = Files.readString(file).strip();
      if (!VERSION.matcher(version).matches()) {
        throw new FlowException(
            ErrorCode.DATA_LOSS, file + ": \"" + version + "\" (expected: a version)");
      }
      return Optional.of(Integer.valueOf(version));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  private static List<String> children(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    } catch (NoSuchFileException | NotDirectoryException _) {
      return List.of();
    } catch (IOException e) {
      throw failed(folder, e);
    }
  }

  static FlowException failed(Path file, IOException cause) {
    return new FlowException(
        ErrorCode.INTERNAL, "model store: " + file + ": " + cause.getMessage(), cause);
  }
}

package io.attune.models;

import io.attune.onnx.ElementType;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What an artifact says of itself in `artifact.yml`: an immutable, self-contained model.
///
/// @param name the model's name: letters, digits, `.`, `_`, `-`, up to 100 of them
/// @param version the version within its ModelStore, 1 or greater; 0 until it is published
/// @param preprocess what goes in: text or a tensor
/// @param inputs the graph's inputs and their element types, in the graph's order
/// @param dimension the length of an embedding, 1 to 4,096
/// @param maxLength the most tokens of a text, special tokens included, 3 to 1,000,000; longer
///   texts are cut. 0 for tensors
/// @param pooling how the graph makes one vector of a text's tokens
/// @param normalized whether every embedding has length 1
/// @param similarity how embeddings are meant to be compared
/// @param queryPrompt put before the text of a query
/// @param documentPrompt put before the text of a document
/// @param space the space of its embeddings
/// @param parent the version it was tuned from
/// @param run the id of the run that made it
/// @param dataHash the SHA-256 of what that run was trained on, as 64 hexadecimal digits
/// @param metrics figures of that run, by name
/// @param files the SHA-256 of every other file of the artifact, by file name
/// @param variants the same model in fewer bits; the master is fp32 and the only trainable one
public record Artifact(
    String name,
    int version,
    Preprocess preprocess,
    Map<String, ElementType> inputs,
    int dimension,
    int maxLength,
    Pooling pooling,
    boolean normalized,
    Similarity similarity,
    String queryPrompt,
    String documentPrompt,
    Space space,
    Optional<ModelVersion> parent,
    Optional<String> run,
    Optional<String> dataHash,
    Map<String, Double> metrics,
    Map<String, String> files,
    List<Variant> variants) {
  /// The file that holds this record.
  public static final String FILE = "artifact.yml";

  /// The graph.
  public static final String MODEL = "model.onnx";

  /// The tokeniser, where text goes in.
  public static final String TOKENIZER = "tokenizer.json";

  /// Inputs with the embeddings they must give.
  public static final String GOLDEN = "golden.json";

  /// The name of the graph's one output, `[batch, dimension]`.
  public static final String OUTPUT = "embedding";

  /// The largest dimension.
  public static final int MAX_DIMENSION = 4096;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  public Artifact {
    requireName(name);
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    files = Collections.unmodifiableMap(new LinkedHashMap<>(files));
    variants = List.copyOf(variants);
    require(version >= 0, "version", version, "0..");
    require(!inputs.isEmpty(), "inputs", inputs, "one or more");
    require(
        dimension >= 1 && dimension <= MAX_DIMENSION,
        "dimension",
        dimension,
        "1.." + MAX_DIMENSION);
    boolean text = preprocess == Preprocess.TEXT;
    require(
        text ? maxLength >= 3 && maxLength <= 1_000_000 : maxLength == 0,
        "max_length",
        maxLength,
        text ? "3..1000000" : "0, it takes no text");
    dataHash.ifPresent(hash ->
        require(Sha256.isHash(hash), "data_hash", '"' + hash + '"', "64 hexadecimal digits"));
    files.forEach(Artifact::requireFile);
    require(!files.containsKey(FILE), "files", FILE, "every other file");
    Set<String> names = new HashSet<>();
    for (Variant variant : variants) {
      require(names.add(variant.name()), "variants", variant.name(), "each name once");
      boolean same = variant.agreement() >= Variant.SAME_SPACE;
      require(
          variant.space().equals(space) == same,
          "variants." + variant.name() + ".space",
          variant.space(),
          (same ? "the master's, " : "its own, ") + "agreement is " + variant.agreement());
    }
  }

  /// Refuses an artifact that lacks files it needs.
  Artifact requireComplete() {
    List<String> needed =
        preprocess == Preprocess.TEXT ? List.of(MODEL, TOKENIZER, GOLDEN) : List.of(MODEL, GOLDEN);
    require(files.keySet().containsAll(needed), "files", files.keySet(), needed + " among them");
    for (Variant variant : variants) {
      require(
          variant.sha256().equals(files.get(variant.file())),
          "variants." + variant.name() + ".file",
          variant.file(),
          "one of the files, with the same sha256");
    }
    return this;
  }

  /// Refuses a name that is no model name.
  public static String requireName(String name) {
    require(
        NAME.matcher(name).matches(),
        "name",
        '"' + name + '"',
        "letters, digits, '.', '_', '-', at most 100, the first a letter or digit");
    return name;
  }

  private static void requireFile(String file, String sha256) {
    require(NAME.matcher(file).matches(), "files", '"' + file + '"', "plain file names");
    require(Sha256.isHash(sha256), "files." + file, '"' + sha256 + '"', "64 hexadecimal digits");
  }

  private static void require(boolean holds, String key, Object value, String expected) {
    if (!holds) {
      throw FlowException.invalid(
          FILE + ": " + key + ": " + value + " (expected: " + expected + ")");
    }
  }

  /// Name and version.
  ///
  /// @throws FlowException where it is not published yet
  public ModelVersion id() {
    return new ModelVersion(name, version);
  }

  /// The same artifact under another name and version.
  public Artifact named(String newName, int newVersion) {
    return with(draft -> {
      draft.name = newName;
      draft.version = newVersion;
    });
  }

  /// The same artifact with other file hashes.
  public Artifact withFiles(Map<String, String> newFiles) {
    return with(draft -> draft.files = newFiles);
  }

  /// The same with embeddings of another length, as a new head gives; it has no variants.
  public Artifact withDimension(int newDimension) {
    return with(draft -> {
      draft.dimension = newDimension;
      draft.variants = List.of();
    });
  }

  /// The same artifact in another space.
  public Artifact in(Space newSpace, boolean newNormalized) {
    return with(draft -> {
      draft.normalized = newNormalized;
      draft.space = newSpace;
    });
  }

  /// The same artifact with other variants.
  public Artifact with(List<Variant> newVariants) {
    return with(draft -> draft.variants = newVariants);
  }

  /// The same artifact with where it comes from: its parent version, its run, the hash of the data
  /// of that run, and its figures.
  public Artifact from(
      @Nullable ModelVersion newParent,
      @Nullable String newRun,
      @Nullable String newDataHash,
      Map<String, Double> newMetrics) {
    return with(draft -> {
      draft.parent = Optional.ofNullable(newParent);
      draft.run = Optional.ofNullable(newRun);
      draft.dataHash = Optional.ofNullable(newDataHash);
      draft.metrics = newMetrics;
    });
  }

  /// Reads an `artifact.yml`.
  ///
  /// @throws FlowException (INVALID_ARGUMENT) naming the key and line that are wrong
  public static Artifact read(Path file) {
    return ArtifactYaml.read(file);
  }

  /// The text of its `artifact.yml`.
  public String toYaml() {
    return ArtifactYaml.write(this);
  }

  private Artifact with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.done();
  }

  private static final class Draft {
    private String name;
    private int version;
    private Preprocess preprocess;
    private Map<String, ElementType> inputs;
    private int dimension;
    private int maxLength;
    private Pooling pooling;
    private boolean normalized;
    private Similarity similarity;
    private String queryPrompt;
    private String documentPrompt;
    private Space space;
    private Optional<ModelVersion> parent;
    private Optional<String> run;
    private Optional<String> dataHash;
    private Map<String, Double> metrics;
    private Map<String, String> files;
    private List<Variant> variants;

    Draft(Artifact from) {
      name = from.name;
      version = from.version;
      preprocess = from.preprocess;
      inputs = from.inputs;
      dimension = from.dimension;
      maxLength = from.maxLength;
      pooling = from.pooling;
      normalized = from.normalized;
      similarity = from.similarity;
      queryPrompt = from.queryPrompt;
      documentPrompt = from.documentPrompt;
      space = from.space;
      parent = from.parent;
      run = from.run;
      dataHash = from.dataHash;
      metrics = from.metrics;
      files = from.files;
      variants = from.variants;
    }

    Artifact done() {
      return new Artifact(
          name,
          version,
          preprocess,
          inputs,
          dimension,
          maxLength,
          pooling,
          normalized,
          similarity,
          queryPrompt,
          documentPrompt,
          space,
          parent,
          run,
          dataHash,
          metrics,
          files,
          variants);
    }
  }
}

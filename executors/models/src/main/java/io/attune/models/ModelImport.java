package io.attune.models;

import io.attune.models.archive.ArchiveLimits;
import io.attune.models.archive.PlainFolder;
import io.attune.models.archive.ZipArchive;
import io.attune.onnx.ExternalData;
import io.attune.onnx.InvalidModelException;
import io.attune.onnx.OnnxModel;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/// Makes a version in a store of a BERT-style ONNX graph and its tokeniser, or of an exported
/// artifact. What comes from outside is distrusted: archives and files are bounded and follow no
/// links, the graph is checked and its external data taken into it, a process of its own tries the
/// result, and only then is it published, in one step. An import that fails or is killed leaves
/// nothing that the store shows.
public final class ModelImport {
  private final ModelStore store;
  private final ImportOptions options;
  private final CheckLimits limits;
  private final Consumer<String> progress;

  public ModelImport(ModelStore store, ImportOptions options) {
    this(store, options, CheckLimits.DEFAULT, _ -> {});
  }

  private ModelImport(
      ModelStore store, ImportOptions options, CheckLimits limits, Consumer<String> progress) {
    this.store = store;
    this.options = options;
    this.limits = limits;
    this.progress = progress;
  }

  /// The same import with other limits for the process that tries the model.
  public ModelImport within(CheckLimits newLimits) {
    return new ModelImport(store, options, newLimits, progress);
  }

  /// The same import, telling each step as it begins.
  public ModelImport telling(Consumer<String> newProgress) {
    return new ModelImport(store, options, limits, newProgress);
  }

  /// Imports a folder or zip that holds an exported artifact, or `model.onnx` and `tokenizer.json`;
  /// a folder around them in the zip does not matter.
  ///
  /// @throws FlowException naming the file and what is wrong with it
  public StoredModel from(Path source) {
    return attempt(
        source,
        () -> {
          if (Files.isDirectory(source)) {
            return folder(PlainFolder.of(source), named(source), false);
          }
          if (!Files.exists(source)) {
            throw new FlowException(
                ErrorCode.NOT_FOUND, source + ": missing (expected: a folder or zip)");
          }
          if (!Files.isRegularFile(source) || !ZipArchive.isZip(source)) {
            throw FlowException.invalid(
                source
                    + ": no zip (expected: a folder, a zip, or a graph with its tokenizer.json)");
          }
          try (Incoming incoming = Incoming.in(store)) {
            progress.accept("unpacking " + source.getFileName());
            ZipArchive.unpack(source, incoming.folder(), ArchiveLimits.DEFAULT);
            return folder(PlainFolder.of(incoming.folder()).innermost(), named(source), true);
          }
        });
  }

  /// Imports a graph and its tokeniser. The graph's external data, if any, lies in its folder.
  public StoredModel from(Path model, Path tokenizer) {
    return attempt(
        model,
        () -> {
          for (Path file : List.of(model, tokenizer)) {
            if (!Files.isRegularFile(file)) {
              throw new FlowException(
                  Files.exists(file) ? ErrorCode.INVALID_ARGUMENT : ErrorCode.NOT_FOUND,
                  file + ": missing or no file (expected: a plain file)");
            }
          }
          Path folder = Objects.requireNonNull(model.toAbsolutePath().normalize().getParent());
          String stem = String.valueOf(model.getFileName()).replaceFirst("\\.onnx$", "");
          ImportOptions named =
              options.name() != null || !stem.equals("model")
                  ? options.or(ImportOptions.NONE.withName(Names.from(stem)))
                  : named(folder);
          return source(ModelSource.of(model, tokenizer), named);
        });
  }

  private ImportOptions named(Path source) {
    if (options.name() != null) {
      return options;
    }
    return options.withName(
        Names.from(String.valueOf(source.toAbsolutePath().normalize().getFileName())));
  }

  private StoredModel folder(PlainFolder folder, ImportOptions named, boolean ours)
      throws IOException {
    if (folder.has(Artifact.FILE)) {
      return new ArtifactImport(store, options, limits, progress).from(folder, ours);
    }
    return source(ModelSource.in(folder, options.pooling() == null), named);
  }

  private StoredModel source(ModelSource source, ImportOptions named) throws IOException {
    progress.accept("reading " + source.model().getFileName());
    OnnxModel model = HeapRoom.read(source.model());
    HeapRoom.require(ExternalData.bytes(model), "external data");
    Path home = Objects.requireNonNull(source.model().getParent());
    OnnxModel whole = ExternalData.inline(model, home).check();
    byte[] tokenizer =
        new PlainFolder(Objects.requireNonNull(source.tokenizer().getParent()))
            .read(source.tokenizer().getFileName().toString(), TokenizerJson.MAX_BYTES);
    return publish(whole, tokenizer, named, source.found(), false);
  }

  /// Imports files whose hashes the caller knows to be right, without a process of their own.
  StoredModel trusted(byte[] model, byte[] tokenizer) {
    return attempt(
        store.root(),
        () ->
            publish(OnnxModel.parse(model).check(), tokenizer, options, ImportOptions.NONE, true));
  }

  private StoredModel publish(
      OnnxModel model, byte[] tokenizer, ImportOptions asked, ImportOptions found, boolean trusted)
      throws IOException {
    progress.accept("adding pooling and checking the graph");
    TextModel text = TextModel.of(model, asked, found);
    ImportOptions all = asked.or(found);
    Artifact draft = draft(text, all);
    byte[] stripped = TokenizerJson.stripped(tokenizer);
    if (!trusted) {
      return new Publication(store, limits, progress).ofText(draft, text.graph(), stripped);
    }
    try (Staging staging = store.stage(draft.name())) {
      Path file = staging.folder().resolve(Artifact.MODEL);
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
        text.graph().write(out);
      }
      Path tokenizerFile = staging.folder().resolve(Artifact.TOKENIZER);
      Files.write(tokenizerFile, stripped);
      progress.accept("computing goldens");
      Golden golden = computed(file, tokenizerFile, draft);
      golden.write(staging.folder().resolve(Artifact.GOLDEN));
      Artifact hashed = draft.withFiles(staging.hashes());
      progress.accept("publishing");
      return staging.publish(hashed.in(Space.of(hashed), golden.normalized()));
    }
  }

  private static Golden computed(Path model, Path tokenizer, Artifact draft) {
    try (TextTokenizer tokens = TextTokenizer.open(tokenizer, draft.maxLength());
        OnnxSession session = OnnxSession.open(model, draft.dimension(), SessionOptions.DEFAULT)) {
      return Golden.of(session, tokens, texts(draft));
    }
  }

  private static List<String> texts(Artifact draft) {
    return GoldenTexts.of(draft.queryPrompt(), draft.documentPrompt(), draft.maxLength());
  }

  private static Artifact draft(TextModel text, ImportOptions all) {
    return new Artifact(
        Objects.requireNonNull(all.name(), "name"),
        0,
        Preprocess.TEXT,
        text.inputs(),
        text.dimension(),
        text.maxLength(),
        text.pooling(),
        false,
        all.similarity() == null ? Similarity.COSINE : all.similarity(),
        all.queryPrompt() == null ? "" : all.queryPrompt(),
        all.documentPrompt() == null ? "" : all.documentPrompt(),
        Space.EXTERNAL,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Map.of(),
        List.of());
  }

  private interface Attempt {
    StoredModel run() throws IOException;
  }

  private static StoredModel attempt(Path source, Attempt attempt) {
    try {
      return attempt.run();
    } catch (InvalidModelException e) {
      throw new FlowException(
          ErrorCode.INVALID_ARGUMENT, Artifact.MODEL + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new FlowException(ErrorCode.INTERNAL, "import: " + source + ": " + e.getMessage(), e);
    }
  }
}

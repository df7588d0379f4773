package io.attune.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Imports whose process dies in the middle.
class KilledImportTest {
  @TempDir private Path folder;

  /// Imports `source.zip` into `store` and dies at the step that the file `step` names.
  static final class Import {
    public static void main(String[] arguments) throws IOException {
      Path folder = Path.of(arguments[0]);
      String last = Files.readString(folder.resolve("step"));
      new ModelImport(ModelStore.at(folder.resolve("store")), ImportOptions.NONE)
          .telling(step -> {
            if (step.equals(last)) {
              Runtime.getRuntime().halt(77);
            }
          })
          .from(folder.resolve("source.zip"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "adding pooling and checking the graph",
        "trying it in a process of its own",
        "publishing"
      })
  void leavesNothingThatTheStoreShows(String step) throws IOException {
    Path zip = Zips.of(folder.resolve("source.zip"), BertModels.folder("distilbert"), "");
    Files.writeString(folder.resolve("step"), step);
    ChildProcess child = new ChildProcess(Import.class, folder, ChildProcess.HEAP_BYTES);
    assertThatThrownBy(() -> child.run(Duration.ofMinutes(2), "import"))
        .hasMessageContaining("ended with 77");
    ModelStore store = ModelStore.at(folder.resolve("store"));
    assertThat(store.names()).isEmpty();
    assertThat(store.ids()).isEmpty();
    try (Stream<Path> hidden = Files.walk(store.root())) {
      assertThat(hidden.filter(file -> file.toString().endsWith("model.onnx"))).isNotEmpty();
    }
    assertThat(new ModelImport(store, ImportOptions.NONE).from(zip).id()).hasToString("source@1");
  }
}

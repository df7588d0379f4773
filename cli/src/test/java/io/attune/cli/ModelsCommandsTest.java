package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.models.ModelStore;
import io.attune.models.testing.PlantedModels;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ModelsCommandsTest {
  @TempDir private Path folder;
  private String store = "";
  private String out = "";
  private String err = "";

  @BeforeEach
  void nameStore() {
    store = folder.resolve("store").toString();
  }

  private int run(String... arguments) {
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    int code =
        new CommandLineRunner(
                new PrintStream(outBytes, true, StandardCharsets.UTF_8),
                new PrintStream(errBytes, true, StandardCharsets.UTF_8))
            .run(arguments);
    out = outBytes.toString(StandardCharsets.UTF_8);
    err = errBytes.toString(StandardCharsets.UTF_8);
    return code;
  }

  private JsonNode json() {
    return JsonMapper.shared().readTree(out);
  }

  @Test
  void exportsImportsAndVerifiesTheDefaultModel() {
    String zip = folder.resolve("mini.zip").toString();
    assertThat(run("models", "export", "all-MiniLM-L6-v2", zip, "--store", store, "--json"))
        .as(() -> err)
        .isEqualTo(ExitCode.OK);
    assertThat(json().path("path").asString()).isEqualTo(zip);
    assertThat(json().path("format").asString()).isEqualTo("zip");
    assertThat(run("models", "import", zip, "--name", "again", "--store", store, "--json"))
        .as(() -> err)
        .isEqualTo(ExitCode.OK);
    assertThat(json().path("name").asString()).isEqualTo("again");
    assertThat(json().path("version").asInt()).isEqualTo(1);
    assertThat(json().path("dimension").asInt()).isEqualTo(384);
    assertThat(json().path("normalized").asBoolean()).isTrue();
    assertThat(err).contains("import: unpacking mini.zip", "import: publishing");
    assertThat(run("models", "verify", "again", "--store", store)).isEqualTo(ExitCode.OK);
    assertThat(out).startsWith("again@1: 3 files intact, 10 goldens come out (least cosine 1.0");
    assertThat(run("models", "list", "--store", store, "--json")).isEqualTo(ExitCode.OK);
    assertThat(json().findValuesAsString("name")).containsExactly("again", "all-MiniLM-L6-v2");
    String again = folder.resolve("again").toString();
    assertThat(run("models", "export", "again@1", again, "--store", store)).isEqualTo(ExitCode.OK);
    assertThat(out).isEqualTo("again@1: 4 files in " + again + "\n");
    assertThat(run("models", "export", "again@1", again, "--store", store))
        .isEqualTo(ExitCode.FAILURE);
    assertThat(err).contains("attune: " + again + ": is there already (expected: a new name)");
  }

  @Test
  void importsAGraphAndTokenizerWithItsSettings() {
    String mini = folder.resolve("mini").toString();
    assertThat(run("models", "export", "all-MiniLM-L6-v2", mini)).isZero();
    String[] command = {
      "models",
      "import",
      mini + "/model.onnx",
      "--tokenizer",
      mini + "/tokenizer.json",
      "--name",
      "other",
      "--max-length",
      "64",
      "--no-normalize",
      "--similarity",
      "dot",
      "--query-prompt",
      "query: ",
      "--check-timeout",
      "120",
      "--store",
      store,
      "--json"
    };
    assertThat(run(command)).as(() -> err).isEqualTo(ExitCode.OK);
    assertThat(json().path("max_length").asInt()).isEqualTo(64);
    assertThat(json().path("pooling").asString()).isEqualTo("none");
    assertThat(json().path("similarity").asString()).isEqualTo("dot");
    assertThat(json().path("query_prompt").asString()).isEqualTo("query: ");
  }

  @Test
  void listsWhatCannotBeReadBesideWhatCan() throws IOException {
    var _ = PlantedModels.publish(ModelStore.at(Path.of(store)), "whole", 0);
    Path broken = Files.createDirectories(Path.of(store, "broken", "1"));
    Files.writeString(broken.resolve("artifact.yml"), "name: [");

    assertThat(run("models", "list", "--store", store)).isEqualTo(ExitCode.OK);
    assertThat(out).contains("whole@1").containsPattern("broken@1 +DAMAGED +.*yml");

    assertThat(run("models", "list", "--store", store, "--json")).isEqualTo(ExitCode.OK);
    assertThat(json().findValuesAsString("name")).containsExactly("broken", "whole");
    assertThat(json().get(0).path("damaged").asString()).contains("artifact.yml");
    assertThat(json().get(1).has("damaged")).isFalse();
  }

  @Test
  void tellsInOneLineWhatIsWrong() throws IOException {
    assertThat(run("models", "import", folder.resolve("none").toString(), "--store", store))
        .isEqualTo(ExitCode.FAILURE);
    assertThat(out).isEmpty();
    assertThat(err)
        .isEqualTo("attune: " + folder.resolve("none") + ": missing (expected: a folder or zip)\n");
    Path text = Files.writeString(folder.resolve("text"), "text");
    assertThat(run("models", "import", text.toString(), "--store", store))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err).startsWith("attune: " + text + ": no zip (expected: a folder, a zip, or");
    assertThat(run("models", "import", text.toString(), "--pooling", "median"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err).contains("MEAN, CLS, MAX, NONE");
    assertThat(run("models", "import", text.toString(), "--check-timeout", "0"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err).startsWith("attune: --check-timeout: 0 (expected: 1..86400)");
    assertThat(run("models", "export", "nothing", "x", "--store", store))
        .isEqualTo(ExitCode.FAILURE);
    assertThat(err.lines())
        .containsExactly(
            "attune: model: nothing is not in the store (expected: one of [])",
            "  hint: attune models list shows what is there");
    assertThat(folder.resolve("store")).doesNotExist();
  }
}

package io.attune.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.onnx.InvalidModelException;
import io.attune.onnx.OnnxModel;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Files that are cut, flipped, nested or inflated: each is read right or refused with a message.
class HostileFilesTest {
  private static final long SEED = 20261121;

  @TempDir private static Path shared;
  private static StoredModel model;

  @TempDir private Path folder;
  private final Random random = new Random(SEED);

  @BeforeAll
  static void importModel() {
    model =
        new ModelImport(ModelStore.at(shared), ImportOptions.of("tiny"))
            .from(BertModels.folder("bert"));
  }

  private interface Reader {
    void read(byte[] bytes) throws IOException;
  }

  /// Reads the file with each of some bytes changed, and cut at some places.
  private int refusals(byte[] whole, int rounds, Reader reader) throws IOException {
    int refusals = 0;
    for (int round = 0; round < rounds; round++) {
      byte[] bytes = whole.clone();
      int at = random.nextInt(bytes.length);
      bytes[at] ^= (byte) (1 + random.nextInt(255));
      String what = "seed %d, round %d, byte %d".formatted(SEED, round, at);
      refusals += refused(bytes, what, reader) ? 1 : 0;
      byte[] cut = Arrays.copyOf(whole, at);
      refusals += refused(cut, what + ", cut there", reader) ? 1 : 0;
    }
    return refusals;
  }

  private static boolean refused(byte[] bytes, String what, Reader reader) throws IOException {
    try {
      reader.read(bytes);
      return false;
    } catch (FlowException | InvalidModelException e) {
      assertThat(e.getMessage()).as(what).isNotBlank().doesNotContain("\n\tat ");
      return true;
    }
  }

  private static byte[] bytes(String model, String file) throws IOException {
    return Files.readAllBytes(BertModels.folder(model).resolve(file));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert", "roberta"})
  void readsOrRefusesChangedGraphs(String name) throws IOException {
    byte[] whole = bytes(name, "model.onnx");
    int refusals =
        refusals(
            whole,
            300,
            bytes -> {
              OnnxModel graph = OnnxModel.parse(bytes);
              if (name.equals("bert")) {
                graph.check();
              }
              TextModel.of(graph, ImportOptions.NONE, ImportOptions.NONE).graph().bytes();
            });
    assertThat(refusals).isGreaterThan(300);
  }

  @Test
  void readsOrRefusesChangedTokenizers() throws IOException {
    byte[] whole = bytes("bert", "tokenizer.json");
    assertThat(refusals(whole, 500, TokenizerJson::stripped)).isGreaterThan(500);
  }

  @Test
  void readsOrRefusesChangedArtifactsAndGoldens() throws IOException {
    byte[] yaml = Files.readAllBytes(model.folder().resolve(Artifact.FILE));
    Path file = folder.resolve("changed");
    int refusals =
        refusals(
            yaml,
            500,
            bytes -> {
              Files.write(file, bytes);
              Artifact.read(file).requireComplete();
            });
    assertThat(refusals).isGreaterThan(500);
    byte[] golden = Files.readAllBytes(model.golden());
    refusals =
        refusals(
            golden,
            500,
            bytes -> {
              Files.write(file, bytes);
              Golden.read(file).requireFor(model.artifact());
            });
    assertThat(refusals).isGreaterThan(500);
  }

  @Test
  void refusesOrImportsChangedModelsWhole() throws IOException {
    ModelStore store = ModelStore.at(folder.resolve("store"));
    Path source = BertModels.copy("bert", folder.resolve("source"));
    for (String name : new String[] {"model.onnx", "tokenizer.json"}) {
      byte[] whole = bytes("bert", name);
      for (int round = 0; round < 6; round++) {
        byte[] bytes = whole.clone();
        int at = random.nextInt(bytes.length);
        bytes[at] ^= (byte) (1 << random.nextInt(7));
        Files.write(source.resolve(name), bytes);
        int versions = store.versions("source").size();
        boolean refused =
            refused(
                bytes,
                "seed %d, %s, byte %d".formatted(SEED, name, at),
                _ -> new ModelImport(store, ImportOptions.NONE).from(source));
        assertThat(store.versions("source")).hasSize(refused ? versions : versions + 1);
      }
      Files.write(source.resolve(name), whole);
    }
  }

  @Test
  void refusesTokenizersThatAreNone() {
    for (String json :
        new String[] {
          "", "null", "[]", "{}", "{\"model\": 1}", "{\"model\": {}} x", "{\"model\""
        }) {
      assertThatThrownBy(() -> TokenizerJson.stripped(json.getBytes(StandardCharsets.UTF_8)))
          .as(json)
          .isInstanceOf(FlowException.class)
          .hasMessageStartingWith("tokenizer.json: ");
    }
    String deep = "{\"model\": " + "[".repeat(100_000);
    assertThatThrownBy(() -> TokenizerJson.stripped(deep.getBytes(StandardCharsets.UTF_8)))
        .hasMessageContaining("nesting depth");
    assertThatThrownBy(() -> TokenizerJson.stripped(new byte[TokenizerJson.MAX_BYTES + 1]))
        .hasMessageContaining("(expected: at most 134217728)");
    byte[] twice = "{\"model\": {}, \"model\": {}}".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> TokenizerJson.stripped(twice)).hasMessageContaining("uplicate");
  }

  @Test
  void keepsATokenizerButItsPaddingAndTruncation() {
    String json =
        "{\"version\":\"1.0\",\"truncation\":{\"max_length\":128},\"padding\":{\"strategy\":\"x\"},"
            + "\"model\":{\"vocab\":{\"\\u00fc\":1e-9}}}";
    assertThat(
            new String(
                TokenizerJson.stripped(json.getBytes(StandardCharsets.UTF_8)),
                StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"version\":\"1.0\",\"model\":{\"vocab\":{\"ü\":1E-9}},\"truncation\":null,"
                + "\"padding\":null}");
  }

  @Test
  void refusesATokenizerThatHuggingFaceRefuses() throws IOException {
    Path source = BertModels.copy("bert", folder.resolve("source"));
    Files.writeString(source.resolve("tokenizer.json"), "{\"model\": {\"type\": \"Magic\"}}");
    ModelStore store = ModelStore.at(folder.resolve("store"));
    assertThatThrownBy(() -> new ModelImport(store, ImportOptions.NONE).from(source))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("(expected: a Hugging Face tokenizer.json)");
    assertThat(store.ids()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "a: &a [*a, *a]",
        "a: &a [1,1,1,1]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nformat: *c",
        "format: 1\nname: !!java.io.File [x]",
        "\u0000",
        "format: 99999999999999999999",
        "? [a, b]\n: c",
        "%YAML 9.9\n---\nformat: 1",
      })
  void refusesYamlThatIsNoArtifact(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("artifact.yml"), text);
    assertThatThrownBy(() -> Artifact.read(file)).isInstanceOf(FlowException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "{\"cases\": []}",
        "{\"cases\": [null]}",
        "{\"cases\": [{}]}",
        "{\"cases\": [{\"text\": \"a\", \"embedding\": null}]}",
        "{\"cases\": [{\"text\": \"a\", \"embedding\": [1e99]}]}",
        "{\"cases\": [{\"tensor\": [1], \"shape\": [0], \"embedding\": [1]}]}",
        "{\"cases\": [{\"text\": \"a\", \"embedding\": [1, 2]}]}",
      })
  void refusesGoldensThatAreNone(String json) throws IOException {
    Path file = Files.writeString(folder.resolve("golden.json"), json);
    assertThatThrownBy(() -> Golden.read(file).requireFor(model.artifact()))
        .isInstanceOf(FlowException.class);
  }

  @Test
  void refusesDeepAndLargeYaml() throws IOException {
    Path file = folder.resolve("artifact.yml");
    Files.writeString(file, "format: " + "[".repeat(100_000));
    assertThatThrownBy(() -> Artifact.read(file)).isInstanceOf(FlowException.class);
    Files.writeString(file, "#".repeat(2 << 20));
    assertThatThrownBy(() -> Artifact.read(file))
        .hasMessageContaining("2097152 bytes (expected: at most 1048576)");
  }
}

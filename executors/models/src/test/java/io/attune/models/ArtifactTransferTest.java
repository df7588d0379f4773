package io.attune.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.onnx.ElementType;
import io.attune.onnx.OnnxModel;
import io.attune.onnx.Tensor;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Export, import of what was exported, and verification.
class ArtifactTransferTest {
  @TempDir private static Path shared;
  private static StoredModel model;

  @TempDir private Path folder;
  private ModelStore other;

  @BeforeAll
  static void importModel() {
    model =
        new ModelImport(ModelStore.at(shared), ImportOptions.of("tiny"))
            .from(BertModels.folder("bert"));
  }

  @BeforeEach
  void openStore() {
    other = ModelStore.at(folder.resolve("store"));
  }

  private StoredModel imported(Path source) {
    return new ModelImport(other, ImportOptions.NONE).from(source);
  }

  private Path exported() {
    Path place = folder.resolve("exported");
    new ModelExport(model).toFolder(place);
    return place;
  }

  private AbstractThrowableAssert<?, ? extends Throwable> refused(Path source) {
    AbstractThrowableAssert<?, ? extends Throwable> thrown =
        assertThatThrownBy(() -> imported(source)).isInstanceOf(FlowException.class);
    assertThat(other.ids()).isEmpty();
    assertThat(folder.resolve("store/tiny/1")).doesNotExist();
    return thrown;
  }

  private static void edit(Path exported, UnaryOperator<String> change) throws IOException {
    Path yaml = exported.resolve(Artifact.FILE);
    String before = Files.readString(yaml);
    String after = change.apply(before);
    assertThat(after).isNotEqualTo(before);
    Files.writeString(yaml, after);
  }

  private static void rehash(Path exported, String file) throws IOException {
    String old = String.valueOf(model.artifact().files().get(file));
    String hash = Sha256.of(exported.resolve(file));
    edit(exported, yaml -> yaml.replace(old, hash));
  }

  @Test
  void comesBackFromAFolderAsItWas() {
    StoredModel back = imported(exported());
    assertThat(back.id()).hasToString("tiny@1");
    assertThat(back.requireIntact().artifact()).isEqualTo(model.artifact());
    assertThat(imported(folder.resolve("exported")).id()).hasToString("tiny@2");
  }

  @Test
  void comesBackFromAZipUnderAnotherName() throws IOException {
    Path zip = folder.resolve("a.zip");
    new ModelExport(model).toZip(zip);
    StoredModel back = new ModelImport(other, ImportOptions.of("other")).from(zip);
    assertThat(back.id()).hasToString("other@1");
    assertThat(back.requireIntact().artifact()).isEqualTo(model.artifact().named("other", 1));
    new ModelExport(model).toZip(folder.resolve("b.zip"));
    assertThat(folder.resolve("b.zip")).hasSameBinaryContentAs(zip);
  }

  @Test
  void doesNotOverwriteAndLeavesNoDraft() throws IOException {
    Path place = exported();
    assertThatThrownBy(() -> new ModelExport(model).toFolder(place))
        .hasMessageEndingWith("exported: is there already (expected: a new name)")
        .extracting(e -> ((FlowException) e).code())
        .isEqualTo(ErrorCode.ALREADY_EXISTS);
    assertThatThrownBy(() -> new ModelExport(model).toZip(place))
        .hasMessageContaining("is there already");
    assertThat(folder).isDirectoryNotContaining(file -> !file.equals(place));
  }

  @Test
  void refusesToExportADamagedModel() throws IOException {
    StoredModel copy = imported(exported());
    Files.writeString(copy.tokenizer(), "{}");
    assertThatThrownBy(() -> new ModelExport(copy).toZip(folder.resolve("c.zip")))
        .hasMessageContaining("tokenizer.json has sha256")
        .extracting(e -> ((FlowException) e).code())
        .isEqualTo(ErrorCode.DATA_LOSS);
    assertThat(folder.resolve("c.zip")).doesNotExist();
  }

  @Test
  void verifiesHashesAndGoldens() {
    Verification verification = new ModelCheck(CheckLimits.DEFAULT).verify(model);
    assertThat(verification.files()).isEqualTo(3);
    assertThat(verification.goldens()).isEqualTo(10);
    assertThat(verification.leastCosine()).isGreaterThan(0.99999);
  }

  @Test
  void refusesOptionsThatAnArtifactKeeps() {
    Path place = exported();
    ImportOptions options = ImportOptions.NONE.withPooling(Pooling.CLS);
    assertThatThrownBy(() -> new ModelImport(other, options).from(place))
        .hasMessageContaining("for an exported artifact (expected: none, it keeps its own)");
  }

  @ParameterizedTest
  @CsvSource({"model.onnx", "tokenizer.json", "golden.json"})
  void refusesChangedMissingAndLinkedFiles(String name) throws IOException {
    Path place = exported();
    Path file = place.resolve(name);
    byte[] whole = Files.readAllBytes(file);
    byte[] flipped = whole.clone();
    flipped[flipped.length / 2] ^= 1;
    Files.write(file, flipped);
    refused(place).hasMessageStartingWith(name + ": sha256 ");
    Path elsewhere = Files.write(folder.resolve("elsewhere"), whole);
    Files.delete(file);
    refused(place).hasMessageContaining(name + ": missing (expected: a plain file)");
    Files.createSymbolicLink(file, elsewhere);
    refused(place).hasMessageContaining(name + ": a link");
  }

  @Test
  void refusesFilesThatAreNotListed() throws IOException {
    Path place = exported();
    Files.writeString(place.resolve("extra.txt"), "x");
    refused(place).hasMessageContaining("extra.txt (expected: the files of artifact.yml)");
    Files.delete(place.resolve("extra.txt"));
    Files.writeString(place.resolve(".DS_Store"), "x");
    assertThat(imported(place).id()).hasToString("tiny@1");
  }

  @ParameterizedTest
  @CsvSource({
    "'files:','files:\n  ../evil: 0000000000000000000000000000000000000000000000000000000000000000','files: \"../evil\"'",
    "'files:','files:\n  artifact.yml: 0000000000000000000000000000000000000000000000000000000000000000','files: artifact.yml'",
    "'  golden.json','  other.json','[model.onnx, tokenizer.json, golden.json] among them'",
    "'dimension: 12','dimension: 13','an embedding of 13 values'",
    "'dimension: 12','dimension: 0','dimension: 0 (expected: 1..4096)'",
    "'max_length: 64','max_length: 63','space: '",
    "'max_length: 64','max_length: 2','max_length: 2 (expected: 3..1000000)'",
    "'space: ','space: 0','space: 0'",
    "'normalized: true','normalized: yes','normalized'",
    "'name: tiny','name: ../tiny','name: \"../tiny\"'",
    "'  input_ids: int64','  input_ids: int32','inputs {'",
    "'  input_ids: int64','  input_ids: int65','inputs: int65 (expected: one of float'",
    "'metrics: {}','metrics:\n  loss:','metrics.loss: missing (expected: a value)'",
    "'variants: []','variants:\n- null','variants: missing (expected: a value)'",
    "'  golden.json:','  other.json:\n  golden.json:','files.other.json: missing'",
    "'  input_ids: int64','  input_ids:','inputs: null (expected: one of float'",
    "'format: 1','format: 2','format: 2 (expected: 1)'",
    "'format: 1','format: 1\nformat: 1','Duplicate'",
    "'format: 1','format: 1\nshape: 3','unknown key shape (expected: format, name'",
    "'format: 1','format: [[[[','artifact.yml'",
    "'query_prompt: \"query: \"','query_prompt: \"other: \"','space: '",
  })
  void refusesAnArtifactYmlThatIsNotItsOwn(String from, String to, String message)
      throws IOException {
    Path place = exported();
    edit(place, yaml -> yaml.replace(from, to));
    refused(place).hasMessageContaining(message);
  }

  @Test
  void refusesGoldensThatDoNotComeOut() throws IOException {
    Path place = exported();
    Path file = place.resolve(Artifact.GOLDEN);
    Golden golden = Golden.read(file);
    List<Golden.Case> cases = new java.util.ArrayList<>(golden.cases());
    Golden.Case first = cases.getFirst();
    cases.set(0, new Golden.Case(first.text(), null, null, cases.get(1).embedding()));
    Files.delete(file);
    new Golden(cases).write(file);
    rehash(place, Artifact.GOLDEN);
    refused(place)
        .hasMessageMatching(
            "model.onnx: cosine -?[0-9.]+ to the goldens \\(expected: >= 0.9999\\)");
  }

  @Test
  void refusesAGraphThatAsksForAFileBesideIt() throws IOException {
    Path place = exported();
    Path graph = place.resolve(Artifact.MODEL);
    Files.copy(
        BertModels.folder("roberta").resolve("model.onnx"),
        graph,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    rehash(place, Artifact.MODEL);
    refused(place).hasMessageContaining("its data lies in another file");
  }

  @Test
  void recomputesTheAgreementOfVariants() throws IOException {
    Path place = exported();
    Path file = place.resolve("model.rounded.onnx");
    OnnxModel rounded = OnnxModel.read(place.resolve(Artifact.MODEL));
    Tensor table =
        rounded.graph().initializers().values().stream()
            .filter(tensor -> tensor.name().contains("word_embeddings"))
            .findFirst()
            .orElseThrow();
    float[] values = table.toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.round(values[i] * 2000) / 2000f;
    }
    Tensor coarse = table.withFloats(values);
    Files.write(file, rounded.edit().replaceInitializer(coarse).build().bytes());
    String hash = Sha256.of(file);
    Space space = model.artifact().space();
    Variant said = new Variant("rounded", "model.rounded.onnx", hash, 1, space);
    Space own = Space.of(model.artifact(), hash);
    Variant wrong = new Variant("rounded", "model.rounded.onnx", hash, 0.99, own);
    Map<String, String> files = new java.util.TreeMap<>(model.artifact().files());
    files.put("model.rounded.onnx", hash);
    for (Variant variant : List.of(wrong, said)) {
      Artifact with = model.artifact().withFiles(files).with(List.of(variant));
      Files.writeString(place.resolve(Artifact.FILE), with.toYaml());
      if (variant.equals(wrong)) {
        assertThatThrownBy(() -> imported(place)).hasMessageContaining("model.rounded.onnx");
      } else {
        assertThat(imported(place).artifact().variants()).containsExactly(said);
      }
    }
  }

  @Test
  void carriesTensorModels() throws IOException {
    ModelStore origin = ModelStore.at(folder.resolve("origin"));
    StoredModel linear;
    try (Staging staging = origin.stage("linear")) {
      HostileGraphs.write(staging.folder().resolve(Artifact.MODEL), HostileGraphs.doubled());
      Golden.Case one =
          new Golden.Case(null, new float[] {1, -2}, new long[] {2}, new float[] {2, -4});
      new Golden(List.of(one)).write(staging.folder().resolve(Artifact.GOLDEN));
      Artifact draft = tensorArtifact(staging.hashes());
      linear = staging.publish(draft.in(Space.of(draft), false));
    }
    assertThat(new ModelCheck(CheckLimits.DEFAULT).verify(linear).leastCosine())
        .isGreaterThan(0.999999);
    Path zip = folder.resolve("linear.zip");
    new ModelExport(linear).toZip(zip);
    assertThat(imported(zip).artifact()).isEqualTo(linear.artifact());
  }

  private static Artifact tensorArtifact(Map<String, String> files) {
    return new Artifact(
        "linear",
        0,
        Preprocess.TENSOR,
        Map.of("x", ElementType.FLOAT),
        2,
        0,
        Pooling.NONE,
        false,
        Similarity.DOT,
        "",
        "",
        Space.EXTERNAL,
        Optional.empty(),
        Optional.of("run-1"),
        Optional.of("d".repeat(64)),
        Map.of("loss", 0.5),
        files,
        List.of());
  }
}

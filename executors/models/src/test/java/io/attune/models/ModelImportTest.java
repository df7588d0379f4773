package io.attune.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelImportTest {
  @TempDir private Path folder;
  private ModelStore store;

  @BeforeEach
  void openStore() {
    store = ModelStore.at(folder.resolve("store"));
  }

  private ModelImport importer() {
    return new ModelImport(store, ImportOptions.NONE);
  }

  private AbstractThrowableAssert<?, ? extends Throwable> refused(Path source) {
    AbstractThrowableAssert<?, ? extends Throwable> thrown =
        assertThatThrownBy(() -> importer().from(source)).isInstanceOf(FlowException.class);
    assertThat(store.ids()).isEmpty();
    assertNothingIsLeft();
    return thrown;
  }

  private void assertNothingIsLeft() {
    try (Stream<Path> files = Files.exists(store.root()) ? Files.walk(store.root()) : Stream.of()) {
      assertThat(files.filter(Files::isRegularFile)).isEmpty();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private Path model(String name) {
    return BertModels.copy(name, folder.resolve("source-" + name));
  }

  @Test
  void importsTwoFilesUnderTheNameOfTheirFolder() {
    List<String> steps = new ArrayList<>();
    Path source = model("bert");
    StoredModel model =
        importer()
            .telling(steps::add)
            .from(source.resolve("model.onnx"), source.resolve("tokenizer.json"));
    assertThat(model.id()).hasToString("source-bert@1");
    assertThat(model.artifact().pooling()).isEqualTo(Pooling.MEAN);
    assertThat(model.artifact().maxLength()).isEqualTo(64);
    assertThat(steps)
        .containsExactly(
            "reading model.onnx",
            "adding pooling and checking the graph",
            "trying it in a process of its own",
            "publishing");
  }

  @Test
  void importsLinkedFilesThatTheUserNames() throws IOException {
    Path source = model("bert");
    Path model =
        Files.createSymbolicLink(folder.resolve("minibert.onnx"), source.resolve("model.onnx"));
    Path tokenizer =
        Files.createSymbolicLink(folder.resolve("t.json"), source.resolve("tokenizer.json"));
    assertThat(importer().from(model, tokenizer).id()).hasToString("minibert@1");
  }

  @Test
  void importsAZipWithAFolderAroundTheFiles() {
    Path zip = Zips.of(folder.resolve("tiny model.zip"), model("roberta"), "roberta/");
    StoredModel model = importer().from(zip);
    assertThat(model.id()).hasToString("tiny-model@1");
    assertThat(model.artifact().pooling()).isEqualTo(Pooling.MAX);
    assertThat(model.requireIntact().artifact().files())
        .containsOnlyKeys("golden.json", "model.onnx", "tokenizer.json");
    try (Stream<Path> rest = Files.list(store.root())) {
      assertThat(rest).containsExactly(store.root().resolve("tiny-model"));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void tellsWhatIsMissing() throws IOException {
    refused(folder.resolve("nothing")).hasMessageContaining("missing (expected: a folder or zip)");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    refused(empty)
        .hasMessage(
            "empty: holds [] (expected: model.onnx and tokenizer.json, or an exported artifact)");
    Path source = model("bert");
    Files.delete(source.resolve("tokenizer.json"));
    refused(source).hasMessageContaining("tokenizer.json: missing (expected: a plain file)");
    Path text = Files.writeString(folder.resolve("text.zip"), "not a zip");
    refused(text).hasMessageContaining("text.zip: no zip (expected: a folder, a zip, or a graph");
    assertThatThrownBy(() -> importer().from(text, folder.resolve("tokenizer.json")))
        .hasMessageContaining("tokenizer.json: missing or no file (expected: a plain file)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.onnx", "tokenizer.json", "modules.json", "1_Pooling"})
  void refusesLinksInAFolder(String name) throws IOException {
    Path source = model("bert");
    Path elsewhere = Files.move(source.resolve(name), folder.resolve("elsewhere"));
    Files.createSymbolicLink(source.resolve(name), elsewhere);
    refused(source).hasMessageContaining(name).hasMessageContaining("a link (expected: a plain");
  }

  @Test
  void refusesExternalDataElsewhereOrTooShort() throws IOException {
    Path source = model("roberta");
    Path data = source.resolve("model.onnx.data");
    Path elsewhere = Files.move(data, folder.resolve("data"));
    refused(source).hasMessageContaining("\"model.onnx.data\" is missing or no file");
    Files.createSymbolicLink(data, elsewhere);
    refused(source).hasMessageContaining("is a symbolic link");
    Files.delete(data);
    Files.write(data, new byte[10]);
    refused(source).hasMessageContaining("of a file of 10 (expected: a range inside the file)");
  }

  @Test
  void refusesAModelPastTwoGigabytes() throws IOException {
    Path source = model("bert");
    try (FileChannel channel =
        FileChannel.open(source.resolve("model.onnx"), StandardOpenOption.WRITE)) {
      channel.write(java.nio.ByteBuffer.allocate(1), Integer.MAX_VALUE);
    }
    refused(source).hasMessageContaining("protobuf's limit of 2 GiB for one file");
  }

  @Test
  void refusesWhatThePositionsDoNotHold() {
    Path source = model("bert");
    assertThatThrownBy(
            () -> new ModelImport(store, ImportOptions.NONE.withMaxLength(65)).from(source))
        .hasMessage("max_length: 65 (expected: 3..64, the model's position table)");
    assertNothingIsLeft();
  }

  @Test
  void refusesModulesAndPoolingsItDoesNotKnowUnlessTold() throws IOException {
    Path source = model("bert");
    Files.writeString(
        source.resolve("1_Pooling/config.json"), "{\"pooling_mode_lasttoken\": true}");
    refused(source).hasMessageContaining("pooling [lasttoken] (expected: mean, cls or max");
    Files.writeString(source.resolve("modules.json"), "[{\"type\": \"a.b.Dense\"}]");
    refused(source).hasMessageContaining("module \"a.b.Dense\" (expected: Transformer, Pooling");
    ImportOptions told = ImportOptions.NONE.withPooling(Pooling.CLS);
    assertThat(new ModelImport(store, told).from(source).artifact().pooling())
        .isEqualTo(Pooling.CLS);
  }

  @Test
  void readsTheOlderPoolingKeys() throws IOException {
    Path source = model("bert");
    Files.writeString(
        source.resolve("1_Pooling/config.json"),
        "{\"pooling_mode_cls_token\": true, \"pooling_mode_mean_tokens\": false}");
    Files.writeString(source.resolve("sentence_bert_config.json"), "{\"max_seq_length\": 20}");
    Artifact artifact = importer().from(source).artifact();
    assertThat(artifact.pooling()).isEqualTo(Pooling.CLS);
    assertThat(artifact.maxLength()).isEqualTo(20);
  }

  @Test
  void refusesPoolingNoneForTokenVectors() {
    Path source = model("bert");
    ImportOptions none = ImportOptions.NONE.withPooling(Pooling.NONE);
    assertThatThrownBy(() -> new ModelImport(store, none).from(source))
        .hasMessageContaining("pooling: none for output last_hidden_state")
        .hasMessageContaining("(expected: mean, cls or max)")
        .extracting(e -> ((FlowException) e).code())
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void removesWhatAKilledImportLeftADayAgo() throws IOException {
    Path home = store.root().resolve("source-bert");
    Path abandoned = Files.createDirectories(home.resolve(".staging-abandoned"));
    Path recent = Files.createDirectories(home.resolve(".staging-recent"));
    Path file = Files.createFile(abandoned.resolve("model.onnx"));
    FileTime old = FileTime.from(Instant.now().minus(Duration.ofDays(2)));
    Files.setLastModifiedTime(file, old);
    Files.setLastModifiedTime(abandoned, old);
    assertThat(store.ids()).isEmpty();
    importer().from(model("bert"));
    assertThat(abandoned).doesNotExist();
    assertThat(recent).exists();
    assertThat(store.ids()).hasSize(1);
  }
}

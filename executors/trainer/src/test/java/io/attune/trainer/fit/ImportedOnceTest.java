package io.attune.trainer.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.models.Artifact;
import io.attune.models.ModelStore;
import io.attune.models.Pooling;
import io.attune.models.Preprocess;
import io.attune.models.Similarity;
import io.attune.models.Space;
import io.attune.models.Staging;
import io.attune.models.StoredModel;
import io.attune.onnx.ElementType;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportedOnceTest {
  @TempDir private Path folder;
  private final List<String> notes = new ArrayList<>();
  private final AtomicInteger imports = new AtomicInteger();
  private Path graph;
  private ModelStore store;

  @BeforeEach
  void writeGraph() throws IOException {
    Path source = Files.createDirectory(folder.resolve("mine"));
    graph = Files.writeString(source.resolve("model.onnx"), "a graph");
    store = ModelStore.at(folder.resolve("models"));
  }

  private ImportedOnce once() {
    return new ImportedOnce(store, notes::add);
  }

  private StoredModel imported(Path source) {
    return once().of(source, publishing(source));
  }

  /// Publishes what the graph's file holds, as an import does.
  private Supplier<StoredModel> publishing(Path source) {
    return () -> {
      imports.incrementAndGet();
      try (Staging staging = store.stage("mine")) {
        Files.copy(source, staging.folder().resolve(Artifact.MODEL));
        return staging.publish(artifact());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  private static Artifact artifact() {
    return new Artifact(
        "mine",
        0,
        Preprocess.TENSOR,
        Map.of("image", ElementType.FLOAT),
        2,
        0,
        Pooling.NONE,
        false,
        Similarity.COSINE,
        "",
        "",
        Space.EXTERNAL,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Map.of(),
        List.of());
  }

  @Test
  void oneFileTwiceIsOneImport() {
    StoredModel first = imported(graph);
    StoredModel second = imported(graph);
    assertThat(second.id()).isEqualTo(first.id());
    assertThat(imports).hasValue(1);
    assertThat(notes).containsExactly("model.onnx is mine@1");
    assertThat(store.names()).containsExactly("mine"); // the notes beside the models are none
  }

  @Test
  void aFileThatChangedIsANewVersion() throws IOException {
    var _ = imported(graph);
    Files.writeString(graph, "tuned");
    assertThat(imported(graph).id().toString()).isEqualTo("mine@2");
    Files.writeString(graph, "a graph");
    assertThat(imported(graph).id().toString()).isEqualTo("mine@1");
    assertThat(imports).hasValue(2);
  }

  @Test
  void whatIsReadBesideAGraphCountsAndOtherFilesDoNot() throws IOException {
    var _ = imported(graph);
    Files.writeString(graph.resolveSibling("readme.md"), "about it");
    assertThat(imported(graph).id().toString()).isEqualTo("mine@1");
    Files.writeString(graph.resolveSibling("tokenizer.json"), "{}");
    assertThat(imported(graph).id().toString()).isEqualTo("mine@2");
    Files.writeString(graph.resolveSibling("model.onnx.data"), "weights");
    assertThat(imported(graph).id().toString()).isEqualTo("mine@3");
  }

  @Test
  void aVersionThatIsDamagedOrGoneIsImportedAgain() throws IOException {
    StoredModel first = imported(graph);
    Files.writeString(first.model(), "!", StandardOpenOption.APPEND);
    StoredModel second = imported(graph);
    assertThat(second.id().toString()).isEqualTo("mine@2");
    assertThat(notes).singleElement().asString().contains("it is imported again");
    assertThat(Files.readString(second.model())).isEqualTo("a graph");
    assertThat(imported(graph).id()).isEqualTo(second.id());

    Files.delete(second.folder().resolve(Artifact.FILE));
    assertThat(imported(graph).id().toString()).isNotEqualTo("mine@2");
    assertThat(imports).hasValue(3);
  }

  @Test
  void aNoteThatIsDamagedIsNoReason() throws IOException {
    var _ = imported(graph);
    try (var files = Files.list(store.root().resolve(".imports"))) {
      for (Path note : files.filter(file -> Files.isRegularFile(file)).toList()) {
        Files.writeString(note, "\0@@");
      }
    }
    assertThat(imported(graph).id().toString()).isEqualTo("mine@2");
    assertThat(imported(graph).id().toString()).isEqualTo("mine@2");
  }

  @Test
  void anImportThatFailsIsNotNoted() {
    assertThatThrownBy(() ->
            once()
                .of(
                    graph,
                    () -> {
                      throw FlowException.invalid("model: no graph");
                    }))
        .hasMessage("model: no graph");
    assertThat(imported(graph).id().toString()).isEqualTo("mine@1");
    assertThat(imports).hasValue(1);
  }

  @Test
  void manyAtTheSameTimeAreOneImport() throws Exception {
    int many = 8;
    CyclicBarrier together = new CyclicBarrier(many);
    List<Future<StoredModel>> models = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(many)) {
      for (int i = 0; i < many; i++) {
        models.add(
            threads.submit(() -> {
              together.await();
              return new ImportedOnce(store, _ -> {}).of(graph, publishing(graph));
            }));
      }
    }
    for (Future<StoredModel> model : models) {
      assertThat(model.get().id().toString()).isEqualTo("mine@1");
    }
    assertThat(imports).hasValue(1);
  }
}

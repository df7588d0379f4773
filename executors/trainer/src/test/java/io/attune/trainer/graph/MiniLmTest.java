package io.attune.trainer.graph;

import io.attune.models.DefaultModel;
import io.attune.models.ModelStore;
import io.attune.models.StoredModel;
import io.attune.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The default model as the trainer sees it.
class MiniLmTest {
  @TempDir static Path folder;
  static StoredModel stored;
  static DifferentiableGraph graph;

  @BeforeAll
  static void load() throws IOException {
    TorchEngine.start(2);
    stored = DefaultModel.in(ModelStore.at(folder));
    graph = DifferentiableGraph.load(OnnxModel.read(stored.model()));
  }

  @AfterAll
  static void close() {
    graph.close();
  }

  @Test
  void x() {
    System.out.println(graph.steps());
    graph.parameters().forEach(System.out::println);
  }
}

package io.attune.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.NdArray;
import io.attune.models.Artifact;
import io.attune.models.Golden;
import io.attune.models.ModelStore;
import io.attune.models.Pooling;
import io.attune.models.Preprocess;
import io.attune.models.Similarity;
import io.attune.models.Space;
import io.attune.models.Staging;
import io.attune.onnx.ElementType;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import io.attune.runtime.testing.Requests;
import io.attune.runtime.testing.TestServer;
import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// An encoder with a model that takes tensors. Model and goldens are written by
/// `src/test/python/tensor_model.py`.
@Timeout(120)
class TensorModelTest {
  private static final Artifact ARTIFACT =
      new Artifact(
          "tensors",
          0,
          Preprocess.TENSOR,
          Map.of("rows", ElementType.FLOAT),
          4,
          0,
          Pooling.NONE,
          false,
          Similarity.EUCLIDEAN,
          "",
          "",
          Space.of("tensors"),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Map.of(),
          Map.of(),
          List.of());

  @TempDir private Path folder;

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = TensorModelTest.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }

  /// An encoder of the model with these goldens.
  private TestServer serve(byte[] goldens) throws IOException {
    ModelStore store = ModelStore.at(folder);
    try (Staging staging = store.stage("tensors")) {
      Files.write(staging.folder().resolve(Artifact.MODEL), resource("tensors.onnx"));
      Files.write(staging.folder().resolve(Artifact.GOLDEN), goldens);
      staging.publish(ARTIFACT);
    }
    Struct with =
        Struct.newBuilder()
            .putFields("model", Value.newBuilder().setStringValue("tensors").build())
            .putFields("store", Value.newBuilder().setStringValue(folder.toString()).build())
            .build();
    ExecutorContext context =
        new ExecutorContext("encoder", new Parameters(with), folder, new SimpleMeterRegistry());
    return TestServer.of(Encoder.open(context), context);
  }

  private TestServer serve() throws IOException {
    return serve(resource("tensors.json"));
  }

  private static DocumentArray send(TestServer server, Document... documents) {
    return Requests.documents(
        server.single().processSingleData(Requests.of("/index", DocumentArray.of(documents))));
  }

  @Test
  void agreesWithPythonForTensorsOfSeveralShapesInOneRequest() throws IOException {
    Path file = Files.write(folder.resolve("golden.json"), resource("tensors.json"));
    List<Golden.Case> cases = Golden.read(file).cases();
    try (TestServer server = serve()) {
      Document[] documents = new Document[3 * cases.size()];
      for (int i = 0; i < documents.length; i++) {
        Golden.Case golden = cases.get(i % cases.size());
        int[] shape =
            Arrays.stream(Objects.requireNonNull(golden.shape()))
                .mapToInt(Math::toIntExact)
                .toArray();
        documents[i] =
            Document.create().tensor(NdArray.of(Objects.requireNonNull(golden.tensor()), shape));
      }
      DocumentArray answers = send(server, documents);
      assertThat(answers).hasSize(9);
      for (int i = 0; i < documents.length; i++) {
        assertThat(answers.get(i).embedding().orElseThrow().floats())
            .as("case %d", i)
            .usingComparatorWithPrecision(1e-5f)
            .containsExactly(cases.get(i % cases.size()).embedding());
        assertThat(answers.get(i).embeddingSpace()).contains(ARTIFACT.space().id());
      }
    }
  }

  @Test
  void readsOtherTypesAsFloatsAndLeavesOtherContentAlone() throws IOException {
    try (TestServer server = serve()) {
      DocumentArray answers =
          send(
              server,
              Document.create().tensor(NdArray.of(new float[] {1, 2, 3}, 1, 3)),
              Document.create().tensor(NdArray.of(new int[] {1, 2, 3}, 1, 3)),
              Document.ofText("no tensor"));
      assertThat(answers.get(1).embedding().orElseThrow().floats())
          .containsExactly(answers.get(0).embedding().orElseThrow().floats());
      assertThat(answers.get(2).hasEmbedding()).isFalse();
    }
  }

  @Test
  void refusesWrongShapesAndNumbersWithTheDocumentsId() throws IOException {
    try (TestServer server = serve()) {
      refuses(
          server,
          NdArray.of(new float[] {1, 2, 3, 4}, 1, 4),
          "document d7: tensor of shape [1, 4] (expected: [-1, 3], where -1 is any size)");
      refuses(
          server,
          NdArray.of(new float[] {1, 2, 3}, 3),
          "document d7: tensor of shape [3] (expected: [-1, 3], where -1 is any size)");
      refuses(
          server,
          NdArray.of(new float[] {1, Float.NaN, 3}, 1, 3),
          "document d7: tensor has NaN at 1 (expected: finite numbers)");
      refuses(
          server,
          NdArray.of(new float[] {1, 2, Float.NEGATIVE_INFINITY}, 1, 3),
          "document d7: tensor has -Infinity at 2 (expected: finite numbers)");
    }
  }

  private static void refuses(TestServer server, NdArray tensor, String message) {
    Document good = Document.create().tensor(NdArray.of(new float[] {1, 2, 3}, 1, 3));
    Document bad = Document.create().id("d7").tensor(tensor);
    assertThatThrownBy(() -> send(server, good, bad))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining(message);
  }

  @Test
  void refusesAModelThatDoesNotGiveItsGoldens() throws IOException {
    String wrong =
        new String(resource("tensors.json"), StandardCharsets.UTF_8)
            .replaceFirst("\"embedding\": \\[\\s*-?[0-9.]+", "\"embedding\": [99");
    assertThatThrownBy(() -> serve(wrong.getBytes(StandardCharsets.UTF_8)).close())
        .isInstanceOf(FlowException.class)
        .hasMessageStartingWith("model tensors@1: golden 0 has cosine")
        .extracting("code")
        .isEqualTo(ErrorCode.FAILED_PRECONDITION);
  }
}

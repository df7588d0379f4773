package io.attune.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.models.DefaultModel;
import io.attune.models.ModelStore;
import io.attune.models.OnnxSession;
import io.attune.models.SessionOptions;
import io.attune.models.StoredModel;
import io.attune.models.TextTokenizer;
import io.attune.models.testing.MiniLmGoldens;
import io.attune.proto.jina.DataRequestProto;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.Parameters;
import io.attune.runtime.testing.Requests;
import io.attune.runtime.testing.TestServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The encoder with its default model, behind the real server.
@Timeout(300)
class DefaultModelTest {
  private static final List<String> WORDS =
      List.of("the ", "search ", "engine ", "reads ", "vectors ", "of ", "many ", "words ");
  private static final SimpleMeterRegistry METERS = new SimpleMeterRegistry();

  @TempDir private static Path folder;
  private static StoredModel stored;
  private static TestServer server;

  @BeforeAll
  static void serve() {
    stored = DefaultModel.in(ModelStore.at(folder));
    Parameters with =
        new Parameters(
            Parameters.EMPTY.struct().toBuilder()
                .putFields("store", Value.newBuilder().setStringValue(folder.toString()).build())
                .build());
    ExecutorContext context = new ExecutorContext("encoder", with, folder, METERS);
    server = TestServer.of(Encoder.open(context), context);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static DataRequestProto send(String endpoint, String... texts) {
    DocumentArray documents = DocumentArray.of();
    for (String text : texts) {
      documents.add(Document.ofText(text));
    }
    return server.single().processSingleData(Requests.of(endpoint, documents));
  }

  private static List<float[]> embeddings(DataRequestProto answer) {
    return Requests.documents(answer).stream()
        .map(document -> document.embedding().orElseThrow().floats())
        .toList();
  }

  private static double result(DataRequestProto answer, String name) {
    return answer
        .getParameters()
        .getFieldsOrThrow("__results__")
        .getStructValue()
        .getFieldsOrThrow("encoder")
        .getStructValue()
        .getFieldsOrThrow(name)
        .getNumberValue();
  }

  private static double cosine(float[] a, float[] b) {
    double dot = 0;
    for (int i = 0; i < a.length; i++) {
      dot += (double) a[i] * b[i];
    }
    return dot; // both have length 1
  }

  private static String text(Random random) {
    int words = 1 + (int) Math.min(250, Math.exp(random.nextGaussian() * 1.1 + 3));
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < words; i++) {
      text.append(WORDS.get(random.nextInt(WORDS.size()))).append(random.nextInt(50)).append(' ');
    }
    return text.toString();
  }

  @Test
  void findsWhatMeansTheSame() {
    List<float[]> vectors =
        embeddings(
            send(
                "/search",
                "How do I reset my password?",
                "I forgot my login credentials",
                "The weather is nice in Lisbon"));
    assertThat(cosine(vectors.get(0), vectors.get(1)))
        .isGreaterThan(cosine(vectors.get(0), vectors.get(2)) + 0.3);
    assertThat(cosine(vectors.get(0), vectors.get(0))).isCloseTo(1, within(1e-5));
  }

  @Test
  void tellsVersionAndSpace() {
    DataRequestProto answer = send("/index", "one");
    String model =
        answer
            .getParameters()
            .getFieldsOrThrow("__results__")
            .getStructValue()
            .getFieldsOrThrow("encoder")
            .getStructValue()
            .getFieldsOrThrow("model")
            .getStringValue();
    assertThat(model).isEqualTo("all-MiniLM-L6-v2@1");
    assertThat(Requests.documents(answer).getFirst().embeddingSpace())
        .contains(stored.artifact().space().id());
  }

  @Test
  void embeddingDoesNotDependOnWhatItWasBatchedWith() throws Exception {
    long seed = Long.getLong("attune.seed", System.nanoTime());
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>(List.of("a", "word ".repeat(400)));
    for (int i = 0; i < 40; i++) {
      texts.add(text(random));
    }
    List<float[]> alone = alone(texts);
    List<Integer> order = new ArrayList<>(IntStream.range(0, texts.size()).boxed().toList());
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < 3; round++) {
        Collections.shuffle(order, random);
        List<List<Integer>> requests = new ArrayList<>();
        for (int from = 0; from < order.size(); ) {
          int to = Math.min(order.size(), from + 1 + random.nextInt(20));
          requests.add(List.copyOf(order.subList(from, to)));
          from = to;
        }
        List<Future<List<float[]>>> answers = new ArrayList<>();
        for (List<Integer> request : requests) {
          String[] asked = request.stream().map(texts::get).toArray(String[]::new);
          answers.add(callers.submit(() -> embeddings(send("/index", asked))));
        }
        for (int i = 0; i < requests.size(); i++) {
          List<float[]> vectors = answers.get(i).get();
          for (int j = 0; j < vectors.size(); j++) {
            assertThat(vectors.get(j))
                .as("seed %d, text %d", seed, requests.get(i).get(j))
                .usingComparatorWithPrecision(1e-5f)
                .containsExactly(alone.get(requests.get(i).get(j)));
          }
        }
      }
    }
  }

  private static List<float[]> alone(List<String> texts) {
    try (OnnxSession session = OnnxSession.open(stored, SessionOptions.DEFAULT);
        TextTokenizer tokenizer = TextTokenizer.open(stored)) {
      return texts.stream().map(text -> session.embed(List.of(tokenizer.encode(text)))[0]).toList();
    }
  }

  @Test
  void encodesTextsOfEveryKindAndCountsThoseItCuts() {
    String[] texts = {
      "a",
      " \t\n ",
      "\0\0 nul \0 bytes",
      "ᚠᛇᚻ ꙮ 𒀀𒁀 \uE000 ☃",
      "\uD83D half of a pair",
      "x".repeat(100_000),
      "long text ".repeat(10_000),
      "word ".repeat(400),
    };
    DataRequestProto answer = send("/index", texts);
    assertThat(embeddings(answer))
        .hasSize(texts.length)
        .allSatisfy(vector -> {
          assertThat(vector).hasSize(384);
          assertThat(Embeddings.firstNotFinite(vector)).isEqualTo(-1);
          assertThat(cosine(vector, vector)).isCloseTo(1, within(1e-4));
        });
    assertThat(result(answer, "encoded")).isEqualTo(texts.length);
    assertThat(result(answer, "cut")).isEqualTo(2);
    assertThat(METERS.get(EncoderMeter.CUT.key()).counter().count()).isGreaterThanOrEqualTo(2);
  }

  @Test
  void cutsTextsOfAnySizeToWhatTheModelReads() {
    List<float[]> vectors =
        embeddings(send("/index", "word ".repeat(5_000), "word ".repeat(200_000)));
    assertThat(cosine(vectors.get(0), vectors.get(1))).isCloseTo(1, within(1e-5));
  }

  @Test
  void agreesWithPythonInAnyBatch() {
    List<MiniLmGoldens.Case> cases =
        MiniLmGoldens.cases().stream()
            .filter(golden -> golden.maxLength() == stored.artifact().maxLength())
            .filter(golden -> !golden.text().isEmpty())
            .toList();
    assertThat(cases).hasSizeGreaterThan(50);
    List<float[]> vectors =
        embeddings(
            send("/index", cases.stream().map(MiniLmGoldens.Case::text).toArray(String[]::new)));
    for (int i = 0; i < cases.size(); i++) {
      assertThat(cosine(vectors.get(i), cases.get(i).embedding()))
          .as(cases.get(i).text())
          .isGreaterThanOrEqualTo(0.99999);
    }
  }

  @Test
  void leavesEmptyTextAndOtherContentAlone() {
    DocumentArray documents =
        DocumentArray.of(
            Document.create(), Document.create().uri("somewhere"), Document.ofText("a"));
    DataRequestProto answer = server.single().processSingleData(Requests.of("/index", documents));
    assertThat(result(answer, "skipped")).isEqualTo(2);
    assertThat(result(answer, "encoded")).isEqualTo(1);
    assertThat(Requests.documents(answer).getFirst().hasEmbedding()).isFalse();
  }

  @Test
  void shortTextCostsItsOwnTokensOnly() {
    try (TextTokenizer tokenizer = TextTokenizer.open(stored)) {
      assertThat(tokenizer.encode("one two three four five").length()).isEqualTo(7);
    }
  }
}

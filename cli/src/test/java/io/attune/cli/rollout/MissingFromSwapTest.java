package io.attune.cli.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.InstanceOfAssertFactories.FLOAT;

import com.google.protobuf.Value;
import io.attune.cli.ExitCode;
import io.attune.cli.Run;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.Score;
import io.attune.models.testing.PlantedModels;
import io.attune.runtime.testing.Requests;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What `attune swap` does with documents that cannot be embedded again, as it is told: 20 of 80
/// came with vectors of their own.
@Timeout(120)
class MissingFromSwapTest {
  private static final String COUNT = "indexer indexer/0/0: 20 documents cannot be embedded again";
  private static final String OWN = "own-60: with a vector of their own";

  @TempDir private Path folder;

  @SuppressWarnings("NullAway.Init") // by start
  private PlantedFlow flow;

  @BeforeEach
  void start() throws InterruptedException {
    flow = PlantedFlow.start(folder, ComparedFlow.YAML);
    ComparedFlow.index(flow);
  }

  @AfterEach
  void close() {
    flow.close();
  }

  private Run swap(String... options) {
    List<String> arguments = new ArrayList<>(List.of("swap", "m@2", "--watch"));
    arguments.addAll(List.of(options));
    arguments.addAll(List.of("--address", "127.0.0.1:" + flow.flow.adminPort()));
    return Run.of(arguments.toArray(String[]::new));
  }

  private static void requireLive(Run swap) {
    assertThat(swap.code()).as(swap.err()).isEqualTo(ExitCode.OK);
    assertThat(swap.out()).isEqualTo("m@2 is live" + System.lineSeparator());
  }

  /// What a version finds, nearest first.
  private List<Document> found(String version) {
    Value limit = Value.newBuilder().setNumberValue(100).build();
    DocumentArray query = DocumentArray.of(Document.ofText(PlantedModels.text(0)));
    return Requests.documents(
            ComparedFlow.post(flow, "/search", query, Map.of("limit", limit), version))
        .getFirst()
        .matches()
        .stream()
        .toList();
  }

  private Set<String> ids(String version) {
    return found(version).stream().map(Document::id).collect(Collectors.toSet());
  }

  private static Set<String> expected(boolean withOwn) {
    Set<String> ids = new TreeSet<>();
    IntStream.range(0, 60).forEach(i -> ids.add("doc-" + i));
    if (withOwn) {
      IntStream.range(60, 80).forEach(i -> ids.add("own-" + i));
    }
    return ids;
  }

  @Test
  void areAllowedUpToTheirNumber() {
    Run refused = swap("--allow-missing", "19");
    assertThat(refused.code()).isEqualTo(ExitCode.FAILURE);
    assertThat(refused.out()).isEmpty();
    assertThat(refused.err()) // how far the copy was when it was refused is shown or not
        .contains("20 documents that cannot be embedded: 20 with a vector of their own: own-60, ")
        .contains("(expected: at most 19; ")
        .contains("; m@1 is live");
    assertThat(ids("")).isEqualTo(expected(true));

    Run allowed = swap("--allow-missing", "20");
    requireLive(allowed);
    assertThat(allowed.err()).contains(COUNT, OWN);
    assertThat(ids("")).isEqualTo(expected(false));
    assertThat(ids("m@1")).as("the old version is still there").isEqualTo(expected(true));
  }

  @Test
  void areDroppedAndCounted() {
    Run swap = swap("--drop");
    requireLive(swap);
    assertThat(swap.err()).contains(COUNT, OWN);
    assertThat(ids("")).isEqualTo(expected(false));
  }

  /// In the new space, to which their vectors are orthogonal.
  @Test
  void keepTheirOwnVectors() {
    Run swap = swap("--keep-own-vectors");
    requireLive(swap);
    assertThat(swap.err()).doesNotContain("cannot be embedded again");
    assertThat(ids("")).isEqualTo(expected(true));
    assertThat(found(""))
        .filteredOn(match -> match.id().startsWith("own-"))
        .hasSize(20)
        .allSatisfy(match ->
            assertThat(match.scores().get("cosine"))
                .extracting(Score::value, FLOAT)
                .isCloseTo(1, within(1e-6f)));
  }
}

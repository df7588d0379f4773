package io.attune.cli.post;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.cli.ExitCode;
import io.attune.cli.JsonFile;
import io.attune.cli.Run;
import io.attune.document.Document;
import io.attune.document.file.DocumentFile;
import io.attune.flows.FlowPlan;
import io.attune.flows.Flows;
import io.attune.gateway.embedded.EmbeddedFlow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The commands that talk to a Flow, against the whole one with the default model.
class PostCommandsTest {
  private static final String ANSWERS =
      """
      id,text,topic
      charge,Plug the charger in and wait until the light is green.,power
      brake,Squeeze the lever; if the bike rolls on the pads are worn.,safety
      invoice,Invoices are mailed on the first day of each month.,billing
      refund,"A refund takes five days,
      and goes to the card that paid.",billing
      """;

  @TempDir private static Path folder;
  private static EmbeddedFlow flow;
  private static Path answers;

  @BeforeAll
  static void start() throws Exception {
    FlowPlan plan = Flows.with(Map.of()).named("hello-qa").withWorkspace(folder);
    flow = EmbeddedFlow.start(plan);
    answers = Files.writeString(folder.resolve("answers.csv"), ANSWERS);
  }

  @AfterAll
  static void stop() {
    flow.close();
  }

  @BeforeEach
  void index() {
    assertThat(run("client", "/clear").code()).isEqualTo(ExitCode.OK);
    Run run = run("index", answers.toString());
    assertThat(run.err()).contains("indexing");
    assertThat(run.code()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).startsWith("stored 4 documents in ");
  }

  private static Run run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--flow", "localhost:" + flow.grpcPort()));
    return Run.of(all.toArray(String[]::new));
  }

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }

  @Test
  void searchShowsTheNearestDocumentsFirst() {
    Run run = run("search", "when do I get the bill?", "how do I charge it?", "--limit", "2");
    assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("Q  when do I get the bill?", "cosine");
    List<String> lines = run.out().lines().filter(line -> line.matches("0\\.\\d{4} .*")).toList();
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0)).contains("invoice");
    assertThat(lines.get(2)).contains("charge");
    assertThat(run.out()).containsPattern("cosine +similarity +id +text");
    for (String line : lines) {
      List<String> cells = Pattern.compile(" +").splitAsStream(line).toList();
      assertThat(Double.parseDouble(cells.get(0)) + Double.parseDouble(cells.get(1)))
          .isCloseTo(1, within(1e-4 + 1e-9));
    }
  }

  @Test
  void searchPrintsJsonForPrograms() {
    Run run = run("search", "when do I get my money back?", "--limit", "1", "--json");
    JsonNode query = json(run.out());
    assertThat(query.get("text").asString()).isEqualTo("when do I get my money back?");
    assertThat(query.get("matches")).hasSize(1);
    assertThat(query.get("matches").get(0).get("id").asString()).isEqualTo("refund");
    JsonNode scores = query.get("matches").get(0).get("scores");
    assertThat(scores.get("similarity").get("value").asDouble())
        .isCloseTo(1 - scores.get("cosine").get("value").asDouble(), within(1e-6));
    assertThat(query.has("embedding")).isFalse();
    assertThat(run.err()).isEmpty();
  }

  @Test
  void searchFilters() {
    Run run =
        run("search", "light", "--json", "--filter", "{\"tags__topic\": {\"$eq\": \"billing\"}}");
    assertThat(json(run.out()).get("matches").findValuesAsString("id"))
        .containsExactlyInAnyOrder("invoice", "refund");
  }

  @Test
  void searchTakesQueriesFromAFile() throws IOException {
    Path queries = folder.resolve("queries.jsonl");
    DocumentFile.write(queries, List.of(Document.ofText("pads"), Document.ofText("mail")));
    Run run = run("search", "--file", queries.toString(), "--limit", "1", "--json");
    assertThat(run.out().lines().map(line -> json(line).get("text").asString()))
        .containsExactly("pads", "mail");
  }

  @Test
  void clientShowsDocumentsAndResults() throws IOException {
    Path out = folder.resolve("out.jsonl");
    Run status = run("client", "/status", "--json");
    assertThat(json(status.out()).get("results").get("indexer").get("documents").asInt())
        .isEqualTo(4);
    assertThat(run("client", "/status").out()).contains("\"documents\":4,");
    assertThat(run("client", "/search", "--text", "mail", "-p", "limit=3").out())
        .contains("embedding", "384", " 3");
    assertThat(run("client", "/search", answers.toString(), "--out", out.toString()).code())
        .isEqualTo(ExitCode.OK);
    assertThat(DocumentFile.read(out)).hasSize(4).allMatch(document -> document.matchCount() == 4);
  }

  @Test
  void clientWritesItsFileOnlyOnceItIsComplete() throws IOException {
    Path out = Files.writeString(folder.resolve("kept.jsonl"), "{\"text\": \"was here\"}\n");
    Path damaged =
        Files.writeString(folder.resolve("cut.jsonl"), "{\"text\": \"a\"}\n{\"id\": 7\n");
    Run cut = run("client", "/search", damaged.toString(), "--out", out.toString());
    assertThat(cut.code()).isEqualTo(ExitCode.USAGE);
    assertThat(out).hasContent("{\"text\": \"was here\"}");
    assertThat(folder.resolve("kept.jsonl.part")).doesNotExist();

    Run same = run("client", "/search", answers.toString(), "--out", answers.toString());
    assertThat(same.code()).isEqualTo(ExitCode.USAGE);
    assertThat(same.err()).contains("(expected: another file than those that are read, " + answers);
    assertThat(answers).hasContent(ANSWERS);
  }

  @Test
  void clientWarnsOfAnEndpointThatNobodyBinds() {
    Run unknown = run("client", "/indx", "--text", "x");
    assertThat(unknown.err())
        .contains("warning: no executor binds /indx by name (bound: ", "/index");
    assertThat(unknown.code()).isEqualTo(ExitCode.OK);
  }

  @Test
  void anErrorOfTheFlowIsOneLineWithItsCode() {
    Run filter = run("search", "x", "--filter", "{\"text\": {\"$like\": 1}}");
    assertThat(filter.err()).contains("$like").doesNotContain("\tat ");
    assertThat(filter.code()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void aDamagedFileSaysWhatWasStoredBeforeIt() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      lines.append("{\"id\": \"n%d\", \"text\": \"note %d\"}%n".formatted(i, i));
    }
    Path damaged = Files.writeString(folder.resolve("damaged.jsonl"), lines + "{\"id\": 7\n");
    Run run = run("index", damaged.toString(), "--request-size", "2");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .contains("damaged.jsonl:41")
        .containsPattern("\\d+ documents were stored before it failed");
  }

  @Test
  void evaluateScoresAndComparesWithABaseline() throws IOException {
    Path queries =
        Files.writeString(
            folder.resolve("queries.csv"),
            """
            text,ground_truth
            when do I get the bill?,invoice
            when do I get my money back?,refund
            it does not stop,brake
            nothing fits this,
            """);
    Path before = folder.resolve("before.json");
    Path after = folder.resolve("after.json");
    Run first =
        run(
            "evaluate",
            queries.toString(),
            "--truth-separator",
            ";",
            "-k",
            "1",
            "--json",
            before.toString());
    assertThat(first.code()).as(first.err()).isEqualTo(ExitCode.OK);
    assertThat(first.out()).contains("metric @1", "reciprocal_rank", "left out", "nothing fits");
    assertThat(run("client", "/delete", "-p", "ids=[\"invoice\"]").code()).isEqualTo(ExitCode.OK);
    Run second =
        run(
            "evaluate",
            queries.toString(),
            "--truth-separator",
            ";",
            "-k",
            "1",
            "--baseline",
            before.toString(),
            "--json",
            after.toString());
    assertThat(second.out()).contains("before", "worse");
    JsonNode was = JsonFile.read(before).get("metrics").get("hit");
    JsonNode now = JsonFile.read(after).get("metrics").get("hit");
    assertThat(was.get("value").asDouble() - now.get("value").asDouble())
        .isCloseTo(1.0 / 3, within(1e-9));
    JsonNode hit =
        JsonFile.read(after)
            .get("comparisons")
            .valueStream()
            .filter(each -> each.get("metric").asString().equals("hit"))
            .findFirst()
            .orElseThrow();
    assertThat(hit.get("worse").asInt()).isEqualTo(1);
  }

  @Test
  void aBaselineOfAnotherKindIsRefused() throws IOException {
    Path queries = Files.writeString(folder.resolve("one.csv"), "text,ground_truth\na,invoice\n");
    Path other = Files.writeString(folder.resolve("other.json"), "{\"metrics\": {}}");
    Run run = run("evaluate", queries.toString(), "--baseline", other.toString());
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("other.json: no per_query");
    Path broken = Files.writeString(folder.resolve("broken.json"), "{");
    assertThat(run("evaluate", queries.toString(), "--baseline", broken.toString()).err())
        .contains("broken.json", "(expected: JSON)");
  }

  @Test
  void pingFindsTheFlowReady() {
    for (String target : List.of("flow", "gateway", "executor")) {
      assertThat(Run.of("ping", target, "localhost:" + flow.grpcPort()).code()).isZero();
    }
  }
}

package io.attune.cli.encode;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.cli.ExitCode;
import io.attune.cli.Run;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.file.CsvFormat;
import io.attune.document.file.DocumentFile;
import io.attune.document.file.DocumentReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(120)
class EncodeCommandTest {
  @TempDir private Path folder;

  private static Run encode(String... arguments) {
    return Run.of(Stream.concat(Stream.of("encode"), Stream.of(arguments)).toArray(String[]::new));
  }

  private static List<JsonNode> lines(Run run) {
    assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.OK);
    return run.out().lines().map(JsonMapper.shared()::readTree).toList();
  }

  private static double dot(JsonNode one, JsonNode other) {
    double sum = 0;
    for (int i = 0; i < 384; i++) {
      sum += one.path("embedding").get(i).asDouble() * other.path("embedding").get(i).asDouble();
    }
    return sum;
  }

  @Test
  void textsOfTheCommandLineComeOutAsJsonLines() {
    List<JsonNode> lines =
        lines(encode("the invoice is late", "my bill has not arrived", "a red tractor"));
    assertThat(lines).extracting(line -> line.path("text").asString()).contains("a red tractor");
    assertThat(lines).allSatisfy(line -> assertThat(line.path("embedding")).hasSize(384));
    assertThat(dot(lines.get(0), lines.get(0))).isBetween(0.999, 1.001);
    assertThat(dot(lines.get(0), lines.get(1))).isGreaterThan(dot(lines.get(0), lines.get(2)) + .2);
    assertThat(Path.of("standing.json")).as("state where it was called").doesNotExist();
  }

  @Test
  void filesOfLinesDocumentsAndStandardInputAreRead() throws IOException {
    Path text = Files.writeString(folder.resolve("a.txt"), "one\n\n\"two\", said he\n");
    Path rows = Files.writeString(folder.resolve("b.csv"), "id,text\nx,three\n");
    List<JsonNode> lines = lines(encode("--file=" + text, "--file=" + rows));
    assertThat(lines)
        .extracting(line -> line.path("text").asString())
        .containsExactly("one", "\"two\", said he", "three");
    assertThat(lines.getLast().path("id").asString()).isEqualTo("x");
    InputStream before = System.in;
    try {
      System.setIn(new ByteArrayInputStream("four\nfünf\n".getBytes(StandardCharsets.UTF_8)));
      assertThat(lines(encode("--file=-")))
          .extracting(line -> line.path("text").asString())
          .containsExactly("four", "fünf");
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void manyGoToAFileInEachFormatWithFigures() throws IOException {
    Path text =
        Files.write(
            folder.resolve("many.txt"),
            IntStream.range(0, 1100).mapToObj(i -> "text " + i % 7).toList());
    Path jsonl = folder.resolve("out.jsonl");
    Run run = encode("--file=" + text, "--out=" + jsonl, "--json", "--batch-size=32");
    assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.OK);
    JsonNode figures = JsonMapper.shared().readTree(run.out());
    assertThat(figures.path("model").asString()).startsWith("all-MiniLM-L6-v2@");
    assertThat(figures.path("dimension").asInt()).isEqualTo(384);
    assertThat(figures.path("encoded").asInt()).isEqualTo(1100);
    assertThat(figures.path("loading_seconds").asDouble()).isPositive();
    assertThat(figures.path("seconds").asDouble()).isPositive();
    assertThat(run.err()).contains("encoding: 1,024 texts");
    DocumentArray documents = DocumentFile.read(jsonl);
    assertThat(documents).hasSize(1100).allMatch(Document::hasEmbedding);

    Path binary = folder.resolve("out.protobuf");
    Run kept = encode("--file=" + jsonl, "--out=" + binary);
    assertThat(kept.out()).contains("1,100 keep the embedding that they had");
    assertThat(DocumentFile.read(binary).getFirst().embedding())
        .isEqualTo(documents.getFirst().embedding());

    Path csv = folder.resolve("out.csv");
    assertThat(encode("--out=" + csv, "the bill, please", "").out())
        .contains("embedded 1 documents with all-MiniLM-L6-v2@", "in which it was loaded")
        .contains("1 without a text stay without");
    try (DocumentReader reader =
        DocumentFile.reader(csv, CsvFormat.standard().map("embedding", "tags__embedding"))) {
      Document row = reader.next();
      assertThat(row.text()).isEqualTo("the bill, please");
      assertThat(JsonMapper.shared().readTree(row.tag("embedding").orElseThrow().getStringValue()))
          .hasSize(384);
    }
  }

  @Test
  void aFileThatCannotBeReadToItsEndLeavesTheOtherAlone() throws IOException {
    Path out = Files.writeString(folder.resolve("kept.jsonl"), "{\"text\": \"was here\"}\n");
    Path good = Files.write(folder.resolve("good.txt"), Collections.nCopies(1100, "text"));
    Path bad = Files.writeString(folder.resolve("bad.jsonl"), "{\"id\": 7\n");
    Run run = encode("--file=" + good, "--file=" + bad, "--out=" + out);
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(out).hasContent("{\"text\": \"was here\"}");
    Path part = folder.resolve("kept.jsonl.part");
    assertThat(run.err()).contains("1,024 documents were written to " + part + " before it failed");
    assertThat(Files.readAllLines(part)).hasSize(1024);

    assertThat(encode("--file=" + good, "--out=" + out).code()).isEqualTo(ExitCode.OK);
    assertThat(Files.readAllLines(out)).hasSize(1100);
    assertThat(part).doesNotExist();
  }

  @Test
  void aFileThatIsReadIsNotWritten() throws IOException {
    Path file = Files.writeString(folder.resolve("a.jsonl"), "{\"text\": \"one\"}\n");
    Path link = Files.createSymbolicLink(folder.resolve("b.jsonl"), file);
    for (Path out : List.of(file, link)) {
      Run run = encode("--file=" + file, "--out=" + out);
      assertThat(run.code()).isEqualTo(ExitCode.USAGE);
      assertThat(run.err())
          .contains("--out: " + out + " (expected: another file than those that are read, " + file);
    }
    Path part = Files.copy(file, folder.resolve("c.jsonl.part"));
    assertThat(
            encode("--file=" + part, "--format=jsonl", "--out=" + folder.resolve("c.jsonl")).code())
        .isEqualTo(ExitCode.USAGE);
    assertThat(file).hasContent("{\"text\": \"one\"}");
    assertThat(part).hasContent("{\"text\": \"one\"}");
  }

  @Test
  void tellsWhatIsWrong() throws IOException {
    assertThat(encode().err()).contains("TEXT: none (expected: a text to embed, or --file)");
    assertThat(encode("a", "--json").err()).contains("--json: without --out (expected: both)");
    assertThat(encode("a", "--file=b.txt").err()).contains("--file: beside a TEXT");
    assertThat(encode("a", "--out=x.parquet").err()).contains("x.parquet (expected: a name that");
    assertThat(encode("a", "--batch-size=0").err()).contains("--batch-size: 0 (expected: 1..4096)");
    Run missing = encode("--file=" + folder.resolve("no.txt"));
    assertThat(missing.code()).isEqualTo(ExitCode.USAGE);
    assertThat(missing.err()).contains("no such file: ");
    Run model = encode("a", "--model=nothing", "--store=" + folder.resolve("store"));
    assertThat(model.code()).isEqualTo(ExitCode.FAILURE);
    assertThat(model.err()).contains("nothing is not in the store", "hint: attune models list");
    Path rows = Files.writeString(folder.resolve("rows.xyz"), "a\n");
    assertThat(encode("--file=" + rows).code()).isEqualTo(ExitCode.USAGE);
    assertThat(folder.resolve("store")).doesNotExist();
  }
}

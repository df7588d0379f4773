package io.attune.document.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentFileTest {
  @TempDir private Path folder;

  private static DocumentArray documents(int count) {
    DocumentArray documents = DocumentArray.of();
    for (int i = 0; i < count; i++) {
      documents.add(Document.create().id("id-" + i).text("text " + i).tag("topic", "a"));
    }
    return documents;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "d.jsonl",
        "d.ndjson",
        "D.JSONL",
        "d.csv",
        "d.tsv",
        "d.bin",
        "d.protobuf",
        "d.x.protobuf.lz4",
        "d.jsonl.gz",
        "d.csv.gz",
        "d.TSV.GZ"
      })
  void theNameSaysTheFormat(String name) throws IOException {
    Path file = folder.resolve(name);
    DocumentFile.write(file, documents(3));

    assertThat(DocumentFile.read(file).toProto()).isEqualTo(documents(3).toProto());
    int start = Files.readAllBytes(file)[0] & 0xFF;
    assertThat(start == 0x1F).isEqualTo(name.toLowerCase(Locale.ROOT).endsWith(".gz"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"docs", "docs.json", "docs.txt", "docs.gz", "csv", ".jsonlx", "docs.pickle.gzip"})
  void refusesANameThatSaysNone(String name) {
    assertThatThrownBy(() -> DocumentFile.reader(Path.of(name)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "file: "
                + name
                + " (expected: a name that ends in .jsonl, .ndjson, .csv, .tsv, .bin or .protobuf)");
  }

  @Test
  void tellsHowFarItIs() throws IOException {
    Path file = folder.resolve("docs.csv");
    DocumentFile.write(file, documents(20_000));
    long size = Files.size(file);
    try (DocumentReader reader = DocumentFile.reader(file)) {
      assertThat(reader.position()).isZero();
      assertThat(reader.size()).isEqualTo(OptionalLong.of(size));
      long last = 0;
      while (reader.hasNext()) {
        reader.next();
        assertThat(reader.position()).isBetween(Math.max(last, 1), size);
        last = reader.position();
        if (reader.count() == 100) {
          assertThat(last).isLessThan(size / 2);
          assertThat(reader.hasNext()).isTrue();
          assertThat(reader.place()).isEqualTo("docs.csv:101");
        }
      }
      assertThat(reader.position()).isEqualTo(size);
      assertThat(reader.count()).isEqualTo(20_000);
    }
  }

  @Test
  void tellsWhereADocumentStarts() throws IOException {
    Path file = folder.resolve("docs.bin");
    DocumentFile.write(file, documents(2));
    try (DocumentReader reader = DocumentFile.reader(file)) {
      reader.next();
      assertThat(reader.place()).isEqualTo("docs.bin, byte 9");
      reader.next();
      assertThat(reader.place())
          .isEqualTo(
              "docs.bin, byte " + (13 + documents(1).getFirst().toProto().getSerializedSize()));
      assertThat(reader.hasNext()).isFalse();
      assertThatThrownBy(reader::next).isInstanceOf(NoSuchElementException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({"docs.jsonl.gz", "docs.csv.gz"})
  void refusesGzipThatIsCut(String name) throws IOException {
    Path file = folder.resolve(name);
    DocumentFile.write(file, documents(1_000));
    byte[] content = Files.readAllBytes(file);
    for (int length : new int[] {2, 9, content.length / 2, content.length - 1}) {
      Files.write(file, Arrays.copyOf(content, length));
      assertThatThrownBy(() -> DocumentFile.read(file))
          .isInstanceOf(FileFormatException.class)
          .hasMessageStartingWith(name + ", byte " + length + ": gzip that is cut or damaged");
    }
    content[content.length / 2] ^= 64;
    Files.write(file, content);
    assertThatThrownBy(() -> DocumentFile.read(file)).isInstanceOf(FileFormatException.class);
  }

  @Test
  void aFormatThatContradictsItselfLeavesTheFileAlone() throws IOException {
    Path file = Files.writeString(folder.resolve("docs.csv"), "text\na\n");
    CsvFormat format = CsvFormat.standard().columns("a", "b").map("c", "text");

    assertThatThrownBy(() -> DocumentFile.writer(file, format))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("mapping of column \"c\": no such column (expected: one of a, b)");
    assertThat(file).hasContent("text\na\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"docs.jsonl", "docs.csv.gz", "docs.protobuf"})
  void aDraftTakesThePlaceOfAFileOnceItIsFinished(String name) throws IOException {
    Path file = folder.resolve(name);
    DocumentFile.write(file, documents(1));
    byte[] before = Files.readAllBytes(file);
    Path part = folder.resolve(name + ".part");
    try (DocumentDraft draft = DocumentFile.draft(file, DocumentFormat.ofName(file))) {
      for (Document document : documents(3)) {
        draft.write(document);
      }
      assertThat(file).hasBinaryContent(before);
      assertThat(part).exists();
      draft.finish();
    }
    assertThat(part).doesNotExist();
    assertThat(DocumentFile.read(file)).hasSize(3);
  }

  @Test
  void aDraftThatIsNotFinishedStaysBesideTheFileUnlessItIsEmpty() throws IOException {
    Path file = folder.resolve("docs.jsonl");
    DocumentFile.write(file, documents(1));
    Path part = folder.resolve("docs.jsonl.part");
    try (DocumentDraft draft = DocumentFile.draft(file, new JsonLines())) {
      draft.write(documents(1).getFirst());
      assertThat(draft.part()).isEqualTo(part.toRealPath());
    }
    assertThat(Files.readAllLines(part)).hasSize(1);
    DocumentFile.draft(file, new JsonLines()).close();
    assertThat(part).doesNotExist();
    assertThat(DocumentFile.read(file)).hasSize(1);
  }

  @Test
  void aDraftOfALinkWritesWhatItPointsTo() throws IOException {
    Path file = folder.resolve("docs.jsonl");
    DocumentFile.write(file, documents(1));
    Path link = Files.createSymbolicLink(folder.resolve("link.jsonl"), file);
    try (DocumentDraft draft = DocumentFile.draft(link, new JsonLines())) {
      draft.finish();
    }
    assertThat(link).isSymbolicLink();
    assertThat(file).isEmptyFile();
  }

  @Test
  void aFileThatIsNotThereIsNoFormatError() {
    assertThatThrownBy(() -> DocumentFile.reader(folder.resolve("no.csv")))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void aFailingStreamEndsTheReader() throws IOException {
    try (DocumentReader reader =
        DocumentFile.reader(Contents.failing("disk on fire"), "stdin", new JsonLines())) {
      assertThatThrownBy(reader::hasNext)
          .isInstanceOf(UncheckedIOException.class)
          .hasMessage("stdin: disk on fire");
      assertThat(reader.hasNext()).isFalse();
    }
  }

  @Test
  void aClosedReaderHasNoMore() throws IOException {
    DocumentReader reader =
        DocumentFile.reader(
            new ByteArrayInputStream(Contents.utf8("{}\n{}\n")), "stdin", new JsonLines());
    assertThat(reader.size()).isEmpty();
    assertThat(reader.hasNext()).isTrue();
    reader.close();
    assertThat(reader.hasNext()).isFalse();
  }
}

package io.attune.cli.post;

import io.attune.cli.Excerpt;
import io.attune.cli.TextTable;
import io.attune.document.Document;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// Documents as a table for people.
final class DocumentTable {
  private static final int SHOWN_CHARACTERS = 72;
  private static final int ID_CHARACTERS = 36;

  private DocumentTable() {}

  static List<String> lines(Iterable<Document> documents) {
    TextTable table = new TextTable("id", "content", "embedding", "chunks", "matches");
    for (Document document : documents) {
      table.row(
          Excerpt.of(document.id(), ID_CHARACTERS),
          content(document, SHOWN_CHARACTERS),
          document.embeddingShape().map(DocumentTable::shape).orElse(""),
          String.valueOf(document.chunkCount()),
          String.valueOf(document.matchCount()));
    }
    return table.lines();
  }

  /// What a document holds, on one line.
  static String content(Document document, int characters) {
    return switch (document.contentCase()) {
      case TEXT -> Excerpt.of(document.text(), characters);
      case BLOB -> "blob of %,d bytes".formatted(document.blob().size());
      case TENSOR -> "tensor " + document.tensorShape().map(DocumentTable::shape).orElse("");
      case CONTENT_NOT_SET ->
          document.uri().isEmpty() ? "" : Excerpt.of(document.uri(), characters);
    };
  }

  private static String shape(int[] shape) {
    return Arrays.stream(shape).mapToObj(String::valueOf).collect(Collectors.joining("x"));
  }
}

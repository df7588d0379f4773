package io.attune.cli.encode;

import io.attune.cli.Console;
import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.document.file.CsvFormat;
import io.attune.document.file.DocumentDraft;
import io.attune.document.file.DocumentFile;
import io.attune.document.file.DocumentFormat;
import io.attune.document.file.DocumentWriter;
import io.attune.document.json.DocumentJson;
import io.attune.document.json.DocumentJson.Unset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Where documents with their embeddings go.
final class EmbeddingWriter {
  private static final String COLUMN = "embedding";

  private EmbeddingWriter() {}

  /// Standard output, a line of JSON each.
  static DocumentWriter toOutput(Console console) {
    return new DocumentWriter() {
      @Override
      public void write(Document document) {
        console.print(DocumentJson.toJson(document.toProto(), Unset.OMIT));
      }

      @Override
      public void close() {}
    };
  }

  /// A file, in the format that its name says. A CSV has the columns `id`, `text` and `embedding`,
  /// the last a JSON list.
  static DocumentDraft draft(Path file, DocumentFormat format) throws IOException {
    return DocumentFile.draft(
        file,
        format instanceof CsvFormat named
            ? new CsvFormat(
                named.delimiter(),
                named.quote(),
                true,
                List.of("id", "text", COLUMN),
                Map.of(COLUMN, "tags__" + COLUMN))
            : format);
  }

  /// What fills such a file.
  static DocumentWriter filling(DocumentDraft draft, DocumentFormat format) {
    if (!(format instanceof CsvFormat)) {
      return draft;
    }
    return new DocumentWriter() {
      @Override
      public void write(Document document) throws IOException {
        draft.write(row(document));
      }

      @Override
      public void close() throws IOException {
        draft.close();
      }
    };
  }

  private static Document row(Document document) {
    Document row = Document.ofText(document.text()).id(document.id());
    return document.embedding().map(embedding -> row.tag(COLUMN, list(embedding))).orElse(row);
  }

  private static String list(NdArray embedding) {
    return Arrays.toString(embedding.floats()).replace(" ", "");
  }
}

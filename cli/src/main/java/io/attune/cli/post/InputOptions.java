package io.attune.cli.post;

import io.attune.document.file.BinaryStream;
import io.attune.document.file.CsvFormat;
import io.attune.document.file.DocumentFormat;
import io.attune.document.file.JsonLines;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How files of documents are read.
public final class InputOptions {
  /// The formats by name.
  enum Format {
    JSONL,
    CSV,
    TSV,
    BINARY
  }

  @Option(
      names = "--format",
      description =
          "${COMPLETION-CANDIDATES} (default: by the file's name: .jsonl, .ndjson, .csv, .tsv, .bin,"
              + " .protobuf; standard input needs it).")
  private @Nullable Format format;

  @Option(
      names = "--delimiter",
      paramLabel = "TEXT",
      description = "What separates the cells of a CSV (default: a comma).")
  private @Nullable String delimiter;

  @Option(
      names = "--columns",
      split = ",",
      paramLabel = "NAME",
      description = "The columns of a CSV without a header, in their order.")
  private List<String> columns = List.of();

  @Option(
      names = "--map",
      paramLabel = "COLUMN=FIELD",
      description =
          "What a CSV column fills: id, text, uri, …, tags__NAME, tags__NAME:number, or - for nothing"
              + " (default: the field of its name, else the tag of its name).")
  private Map<String, String> mapping = new LinkedHashMap<>();

  /// Opens files, `-` for standard input, to be read one after the other.
  ///
  /// @throws IllegalArgumentException where a file's format is not known
  public Input open(List<Path> files) throws IOException {
    return Input.open(files, this::formatOf);
  }

  /// Whether the format was said, and does not follow from names.
  public boolean isFormatGiven() {
    return format != null;
  }

  private DocumentFormat formatOf(Path file) {
    DocumentFormat base = format == null ? named(file) : of(format);
    boolean forCsv = delimiter != null || !columns.isEmpty() || !mapping.isEmpty();
    if (base instanceof CsvFormat csv) {
      return options(csv);
    }
    if (forCsv) {
      throw FlowException.invalid(
          "--delimiter, --columns, --map: given for %s (expected: a CSV)".formatted(file));
    }
    return base;
  }

  private static DocumentFormat named(Path file) {
    if (Input.isStandardInput(file)) {
      throw FlowException.invalid("--format: none for standard input (expected: jsonl, csv, …)");
    }
    return DocumentFormat.ofName(file);
  }

  private static DocumentFormat of(Format format) {
    return switch (format) {
      case JSONL -> new JsonLines();
      case CSV -> CsvFormat.standard();
      case TSV -> CsvFormat.standard().delimiter("\t");
      case BINARY -> new BinaryStream();
    };
  }

  private CsvFormat options(CsvFormat csv) {
    CsvFormat result = delimiter == null ? csv : csv.delimiter(delimiter);
    if (!columns.isEmpty()) {
      result = result.withoutHeader(columns.toArray(String[]::new));
    }
    for (Map.Entry<String, String> column : mapping.entrySet()) {
      result = result.map(column.getKey(), column.getValue());
    }
    return result;
  }
}

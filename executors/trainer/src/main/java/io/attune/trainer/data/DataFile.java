package io.attune.trainer.data;

import io.attune.document.file.BinaryStream;
import io.attune.document.file.CsvFormat;
import io.attune.document.file.DocumentFile;
import io.attune.document.file.DocumentFormat;
import io.attune.document.file.DocumentReader;
import io.attune.document.file.JsonLines;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/// A file of training data, opened: its rows as documents whose fields and tags have the names of
/// the form's columns, and the form, `auto` where the first document is to say it.
record DataFile(
    String name, DocumentReader documents, DataForm form, boolean isCsv, List<String> notes)
    implements AutoCloseable {
  private static final int START_CHARACTERS = 1 << 16;
  private static final String TAB = "\t";

  static DataFile open(Path file, DataOptions options) throws IOException {
    String name = String.valueOf(file.getFileName());
    return switch (format(file)) {
      case JsonLines lines -> ofDocuments(file, name, lines, options);
      case BinaryStream stream -> ofDocuments(file, name, stream, options);
      case CsvFormat csv -> ofCsv(file, name, csv, options);
    };
  }

  static boolean isCsv(Path file) {
    return format(file) instanceof CsvFormat;
  }

  private static DocumentFormat format(Path file) {
    try {
      return DocumentFormat.ofName(file);
    } catch (IllegalArgumentException e) {
      return CsvFormat.standard(); // .txt, or no ending at all
    }
  }

  private static DataFile ofDocuments(
      Path file, String name, DocumentFormat format, DataOptions options) throws IOException {
    if (!options.columns().isEmpty() || options.header() != null) {
      throw DataErrors.at(name, "columns or header (expected: none, it is no CSV file)");
    }
    DataForm form = options.labeled() ? DataForm.LABELED : options.form();
    return new DataFile(name, DocumentFile.reader(file, format), form, false, List.of());
  }

  /// @param named the format that the file's name says
  private static DataFile ofCsv(Path file, String name, CsvFormat named, DataOptions options)
      throws IOException {
    String start = start(file, options);
    boolean isTold = options.dialect().equals("auto") && named.delimiter().equals(TAB);
    String delimiter = isTold ? TAB : Dialect.delimiter(options.dialect(), start);
    List<List<String>> rows = Dialect.rows(start, delimiter.charAt(0));
    if (rows.isEmpty()) {
      throw DataErrors.at(name, "empty (expected: a row or more)");
    }
    List<String> first = rows.getFirst();
    Boolean told = options.header();
    boolean header =
        told != null
            ? told
            : !options.columns().isEmpty() || !options.splitBy().isEmpty() || isHeader(first);
    String splitBy = options.splitBy();
    if (!splitBy.isEmpty()
        && !(header && first.stream().map(String::strip).anyMatch(splitBy::equals))) {
      throw DataErrors.at(
          name + ":1",
          "header: %s (expected: column \"%s\" in it, for split_by)"
              .formatted(header ? String.join(", ", first) : "none", splitBy));
    }
    if (!header && !options.columns().isEmpty()) {
      throw DataErrors.at(name, "columns without a header (expected: header true)");
    }
    List<String> row = header ? (rows.size() > 1 ? rows.get(1) : List.of()) : first;
    List<String> chosen = header ? chosen(name, first, options) : List.of();
    DataForm form = form(name, options, header ? chosen : null, first, row);
    CsvFormat format = format(delimiter, header ? first : null, chosen, form, splitBy);
    List<String> notes = new ArrayList<>();
    if (header) {
      notes.add("the first row names the columns: " + String.join(", ", first));
    }
    return new DataFile(name, reader(file, name, format, options), form, true, notes);
  }

  /// The columns of the form; that of `split_by` is one only where the form has that name.
  private static List<String> chosen(String name, List<String> header, DataOptions options) {
    List<String> columns = options.columns();
    List<String> names = header.stream().map(String::strip).toList();
    for (String column : columns) {
      if (!names.contains(column)) {
        throw DataErrors.at(
            name + ":1",
            "header: %s (expected: column \"%s\" in it)"
                .formatted(String.join(", ", names), column));
      }
    }
    if (!columns.isEmpty()) {
      return columns;
    }
    boolean isOfForm =
        Arrays.stream(DataForm.values()).anyMatch(f -> f.columns().contains(options.splitBy()));
    return isOfForm
        ? names
        : names.stream().filter(column -> !column.equals(options.splitBy())).toList();
  }

  private static boolean isHeader(List<String> first) {
    List<String> names = first.stream().map(String::strip).toList();
    return formOfNames(names) != null;
  }

  private static @Nullable DataForm formOfNames(List<String> names) {
    for (DataForm form : DataForm.values()) {
      if (!form.columns().isEmpty()
          && form.columns().size() == names.size()
          && new HashSet<>(names).containsAll(form.columns())) {
        return form;
      }
    }
    return null;
  }

  /// The form of a file: told, or named by the header, or by the number of columns.
  private static DataForm form(
      String name,
      DataOptions options,
      @Nullable List<String> chosen,
      List<String> first,
      List<String> row) {
    int width = chosen == null ? first.size() : chosen.size();
    if (options.form() == DataForm.DOCUMENTS) {
      throw DataErrors.at(
          name, "form documents (expected: JSON lines or docarray's binary stream)");
    }
    DataForm named = chosen == null ? null : formOfNames(chosen);
    DataForm form =
        options.form() != DataForm.AUTO
            ? options.form()
            : options.labeled()
                ? DataForm.LABELED
                : named != null ? named : ofWidth(name, width, chosen, first, row);
    if (form.columns().size() != width) {
      throw DataErrors.at(
          name + ":1",
          "%d columns (expected: %d for form %s: %s%s)"
              .formatted(
                  width,
                  form.columns().size(),
                  form,
                  String.join(", ", form.columns()),
                  chosen == null ? "" : "; choose them with columns"));
    }
    return form;
  }

  private static DataForm ofWidth(
      String name, int width, @Nullable List<String> chosen, List<String> first, List<String> row) {
    if (width == 2) {
      return DataForm.PAIRS;
    }
    if (width == 3) {
      int third =
          chosen == null ? 2 : first.stream().map(String::strip).toList().indexOf(chosen.get(2));
      return third < row.size() && isNumber(row.get(third)) ? DataForm.SCORED : DataForm.TRIPLETS;
    }
    throw DataErrors.at(
        name + ":1",
        "%d columns (expected: 2 or 3, or a header and the option columns)".formatted(width));
  }

  private static boolean isNumber(String cell) {
    try {
      return Double.isFinite(Double.parseDouble(cell.strip()));
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static CsvFormat format(
      String delimiter,
      @Nullable List<String> header,
      List<String> chosen,
      DataForm form,
      String splitBy) {
    if (header == null) {
      return CsvFormat.standard()
          .delimiter(delimiter)
          .withoutHeader(form.columns().toArray(String[]::new));
    }
    List<String> names = header.stream().map(String::strip).toList();
    boolean byName = new HashSet<>(chosen).containsAll(form.columns());
    Map<String, String> mapping = new HashMap<>();
    names.forEach(column -> mapping.put(column, "-"));
    if (!splitBy.isEmpty() && !chosen.contains(splitBy)) {
      mapping.put(splitBy, "tags__" + splitBy);
    }
    for (int i = 0; i < chosen.size(); i++) {
      String target = byName ? chosen.get(i) : form.columns().get(i);
      mapping.put(chosen.get(i), target.equals("text") ? "text" : "tags__" + target);
    }
    return new CsvFormat(delimiter, '"', true, List.of(), mapping);
  }

  private static DocumentReader reader(
      Path file, String name, CsvFormat format, DataOptions options) throws IOException {
    if (options.encoding().equals(StandardCharsets.UTF_8)) {
      return DocumentFile.reader(file, format);
    }
    InputStream utf8 = new TranscodedStream(content(file), options.encoding(), name);
    return DocumentFile.reader(utf8, name, format);
  }

  private static String start(Path file, DataOptions options) throws IOException {
    try (InputStream in = content(file)) {
      byte[] bytes = in.readNBytes(START_CHARACTERS);
      String start = new String(bytes, options.encoding());
      return start.startsWith("\uFEFF") ? start.substring(1) : start;
    }
  }

  private static InputStream content(Path file) throws IOException {
    BufferedInputStream buffered =
        new BufferedInputStream(Files.newInputStream(file), START_CHARACTERS);
    buffered.mark(2);
    boolean gzip = buffered.read() == 0x1F && buffered.read() == 0x8B;
    buffered.reset();
    return gzip ? new GZIPInputStream(buffered, START_CHARACTERS) : buffered;
  }

  @Override
  public void close() throws IOException {
    documents.close();
  }
}

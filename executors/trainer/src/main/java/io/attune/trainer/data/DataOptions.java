package io.attune.trainer.data;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// How training data is read. Names are those of Finetuner's `CSVOptions` where it has them.
///
/// A CSV file of form `auto` without a header that names a form: `is_labeled`, or two columns, is
/// text and label or a pair; three columns are a pair and its score where the third cell of the
/// first row is a number, else anchor, positive and negative. Other widths are refused.
///
/// @param form `form`: what the rows say; `auto`
/// @param labeled `is_labeled`: two columns are text and label, not a pair; false
/// @param columns `columns`: which columns of a CSV file to read, by the names of its header, in
///   the order of the form; empty for all
/// @param header `header`: whether the first row names the columns; by default it does where
///   `columns` are given or all of its cells are names of a form
/// @param dialect `dialect`: `auto` looks at the first 1,024 characters; `excel` and `unix` have
///   commas, `excel-tab` tabs; one other character is the delimiter itself
/// @param encoding `encoding`: the characters of a CSV file; `utf-8`
/// @param size `size`: at most so many rows; 0 for all
/// @param samplingRate `sampling_rate`: the fraction of rows to keep, above 0 to 1; which ones
///   depends on `seed` and the row's number alone
/// @param seed `seed`: for `sampling_rate`
/// @param positive `positive_label`: the value of `finetuner_label` on a match that belongs to its
///   document; 1
/// @param negative `negative_label`: on one that does not; -1
/// @param splitBy `split_by`: the column or tag whose equal values [DataSplit] keeps on one side;
///   empty for none
/// @param scratch where the texts are kept while they are in use; the system's folder for temporary
///   files if null
public record DataOptions(
    DataForm form,
    boolean labeled,
    List<String> columns,
    @Nullable Boolean header,
    String dialect,
    Charset encoding,
    int size,
    double samplingRate,
    long seed,
    double positive,
    double negative,
    String splitBy,
    @Nullable Path scratch) {
  /// The defaults.
  public static final DataOptions DEFAULTS =
      new DataOptions(
          DataForm.AUTO,
          false,
          List.of(),
          null,
          "auto",
          StandardCharsets.UTF_8,
          0,
          1,
          0,
          1,
          -1,
          "",
          null);

  public DataOptions {
    columns = List.copyOf(columns);
    require(size >= 0, "size", size, "0 for all, or more");
    require(samplingRate > 0 && samplingRate <= 1, "sampling_rate", samplingRate, "above 0 to 1");
    require(positive != negative, "negative_label", negative, "other than positive_label");
    require(
        columns.isEmpty() || form != DataForm.DOCUMENTS, "columns", columns, "none for documents");
    require(
        columns.isEmpty() || form.columns().isEmpty() || form.columns().size() == columns.size(),
        "columns",
        columns,
        form.columns().size() + ", for " + form.columns());
    require(
        !labeled || form == DataForm.AUTO || form == DataForm.LABELED,
        "is_labeled",
        labeled,
        "form auto or labeled, not " + form);
    Dialect.requireKnown(dialect);
  }

  private static void require(boolean holds, String name, Object value, String expected) {
    if (!holds) {
      throw DataErrors.invalid(name + ": " + value + " (expected: " + expected + ")");
    }
  }

  public DataOptions withForm(DataForm form) {
    return with(draft -> draft.form = form);
  }

  public DataOptions withLabeled(boolean labeled) {
    return with(draft -> draft.labeled = labeled);
  }

  public DataOptions withColumns(String... columns) {
    return with(draft -> draft.columns = List.of(columns));
  }

  /// The same where all of these files are CSV, of which alone it can be said what columns are;
  /// else without `columns` and `header`.
  public DataOptions withoutColumnsUnlessCsv(List<Path> files) {
    return files.stream().allMatch(DataFile::isCsv) ? this : withColumns().withHeader(null);
  }

  public DataOptions withHeader(@Nullable Boolean header) {
    return with(draft -> draft.header = header);
  }

  public DataOptions withDialect(String dialect) {
    return with(draft -> draft.dialect = dialect);
  }

  public DataOptions withEncoding(Charset encoding) {
    return with(draft -> draft.encoding = encoding);
  }

  public DataOptions withSize(int size) {
    return with(draft -> draft.size = size);
  }

  public DataOptions withSamplingRate(double samplingRate, long seed) {
    return with(draft -> {
      draft.samplingRate = samplingRate;
      draft.seed = seed;
    });
  }

  public DataOptions withMatchLabels(double positive, double negative) {
    return with(draft -> {
      draft.positive = positive;
      draft.negative = negative;
    });
  }

  public DataOptions withSplitBy(String splitBy) {
    return with(draft -> draft.splitBy = splitBy);
  }

  public DataOptions withScratch(Path scratch) {
    return with(draft -> draft.scratch = scratch);
  }

  private DataOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.done();
  }

  private static final class Draft {
    private DataForm form;
    private boolean labeled;
    private List<String> columns;
    private @Nullable Boolean header;
    private String dialect;
    private Charset encoding;
    private int size;
    private double samplingRate;
    private long seed;
    private double positive;
    private double negative;
    private String splitBy;
    private @Nullable Path scratch;

    Draft(DataOptions from) {
      form = from.form;
      labeled = from.labeled;
      columns = from.columns;
      header = from.header;
      dialect = from.dialect;
      encoding = from.encoding;
      size = from.size;
      samplingRate = from.samplingRate;
      seed = from.seed;
      positive = from.positive;
      negative = from.negative;
      splitBy = from.splitBy;
      scratch = from.scratch;
    }

    DataOptions done() {
      return new DataOptions(
          form,
          labeled,
          columns,
          header,
          dialect,
          encoding,
          size,
          samplingRate,
          seed,
          positive,
          negative,
          splitBy,
          scratch);
    }
  }
}

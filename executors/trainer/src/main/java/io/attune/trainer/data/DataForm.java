package io.attune.trainer.data;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// What the rows of a file say, and the names of the columns or JSON keys that say it.
public enum DataForm {
  /// By the file: documents where they carry labels, matches or a score; else the form whose names
  /// the header or the JSON keys have; else by the number of columns, see [DataOptions].
  AUTO,
  /// A text and its label; equal labels belong together. A class dataset.
  LABELED("text", "label"),
  /// Two texts that belong together; whatever is connected over any rows is one class.
  PAIRS("sentence1", "sentence2"),
  /// Two texts and how similar they are, 0 to 1.
  SCORED("sentence1", "sentence2", "score"),
  /// A text and what belongs to it, such as a question and its answer; rows of one anchor are one
  /// session.
  ANCHORED("anchor", "positive"),
  /// A text, what belongs to it and what does not; rows of one anchor are one session.
  TRIPLETS("anchor", "positive", "negative"),
  /// Documents: with tag `finetuner_label`, or with matches that have it, or with tag
  /// `finetuner_score` and two chunks. The first document says which.
  DOCUMENTS;

  @SuppressWarnings("ImmutableEnumChecker") // of List.of
  private final List<String> columns;

  DataForm(String... columns) {
    this.columns = List.of(columns);
  }

  /// The names of its columns, in their order; empty where it has none.
  public List<String> columns() {
    return columns;
  }

  /// The form of a name such as `triplets`.
  public static DataForm of(String name) {
    return Arrays.stream(values())
        .filter(form -> form.toString().equals(name.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(() ->
            DataErrors.invalid(
                "form: \"%s\" (expected: %s)"
                    .formatted(
                        name,
                        Arrays.stream(values())
                            .map(DataForm::toString)
                            .collect(Collectors.joining(", ")))));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

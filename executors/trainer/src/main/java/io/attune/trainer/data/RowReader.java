package io.attune.trainer.data;

import io.attune.document.Document;
import io.attune.proto.docarray.DocumentProto.ContentCase;
import java.util.List;

/// Reads the rows of one form into its dataset.
final class RowReader {
  private final DataForm form;
  private final DataOptions options;
  private final Items items;
  private final boolean cells;
  private final DatasetBuilder builder;

  private RowReader(
      DataForm form, DataOptions options, Items items, boolean cells, DatasetBuilder builder) {
    this.form = form;
    this.options = options;
    this.items = items;
    this.cells = cells;
    this.builder = builder;
  }

  /// @param first the first row, which says what documents are
  /// @param cells whether an absent value is an empty cell, and no error
  static RowReader of(
      DataForm form,
      Document first,
      String place,
      DataOptions options,
      Items items,
      boolean cells) {
    DatasetBuilder builder =
        switch (form) {
          case LABELED -> new ClassBuilder(items);
          case PAIRS -> new PairBuilder(items);
          case SCORED -> new ScoreBuilder(items);
          case ANCHORED, TRIPLETS -> new SessionBuilder(items);
          case DOCUMENTS -> ofDocuments(first, place, items);
          case AUTO -> throw new IllegalStateException("form not decided");
        };
    return new RowReader(form, options, items, cells, builder);
  }

  private static DatasetBuilder ofDocuments(Document first, String place, Items items) {
    if (first.tag(Tags.LABEL).isPresent()) {
      return new ClassBuilder(items);
    }
    if (first.matchCount() > 0) {
      return new SessionBuilder(items);
    }
    if (first.tag(Tags.SCORE).isPresent()) {
      return new ScoreBuilder(items);
    }
    throw DataErrors.at(
        place,
        "a document without tag %s, matches, or tag %s (expected: one of them, the first document says which)"
            .formatted(Tags.LABEL, Tags.SCORE));
  }

  /// The form that a first document has by what it holds.
  static DataForm formOf(Document first, String place) {
    if (first.tag(Tags.LABEL).isPresent()
        || first.tag(Tags.SCORE).isPresent()
        || first.matchCount() > 0) {
      return DataForm.DOCUMENTS;
    }
    for (DataForm form :
        List.of(
            DataForm.TRIPLETS,
            DataForm.ANCHORED,
            DataForm.SCORED,
            DataForm.PAIRS,
            DataForm.LABELED)) {
      if (form.columns().stream().allMatch(column -> has(first, column))) {
        return form;
      }
    }
    throw DataErrors.at(
        place,
        "fields %s, tags %s (expected: tag %s, matches, or the keys of a form: %s, %s, %s, %s or %s)"
            .formatted(
                first.setFields(),
                first.tags().getFieldsMap().keySet(),
                Tags.LABEL,
                DataForm.LABELED.columns(),
                DataForm.PAIRS.columns(),
                DataForm.SCORED.columns(),
                DataForm.ANCHORED.columns(),
                DataForm.TRIPLETS.columns()));
  }

  private static boolean has(Document row, String column) {
    return column.equals("text")
        ? row.contentCase() != ContentCase.CONTENT_NOT_SET
        : row.tag(column).isPresent();
  }

  DatasetBuilder builder() {
    return builder;
  }

  void add(Document row, String place) {
    switch (builder) {
      case ClassBuilder classes -> labeled(classes, row, place);
      case PairBuilder pairs -> pair(pairs, row, place);
      case ScoreBuilder scores -> scored(scores, row, place);
      case SessionBuilder sessions -> session(sessions, row, place);
    }
  }

  private void labeled(ClassBuilder classes, Document row, String place) {
    String name = form == DataForm.DOCUMENTS ? Tags.LABEL : "label";
    String label = Tags.text(row, name).orElse("");
    if (isEmpty(row)) {
      items.emptyRow(place, "no text");
      return;
    }
    if (label.isBlank()) {
      throw DataErrors.at(place, name + ": none (expected: a text or number)");
    }
    Document item = form == DataForm.DOCUMENTS ? row : content(row).tag(Tags.LABEL, label);
    classes.add(item, label);
  }

  /// The content of a row without its own columns.
  private static Document content(Document row) {
    return row.contentCase() == ContentCase.TEXT ? Document.ofText(row.text()) : row.copy();
  }

  static boolean isEmpty(Document document) {
    return switch (document.contentCase()) {
      case TEXT -> document.text().isBlank();
      case TENSOR -> !document.hasTensor();
      case BLOB -> document.blob().isEmpty();
      case CONTENT_NOT_SET -> document.uri().isEmpty();
    };
  }

  private void pair(PairBuilder pairs, Document row, String place) {
    String left = cell(row, "sentence1", place);
    String right = cell(row, "sentence2", place);
    if (nothingEmpty(place, "sentence1", left, "sentence2", right)) {
      pairs.add(left, right);
    }
  }

  private void scored(ScoreBuilder scores, Document row, String place) {
    if (form == DataForm.DOCUMENTS) {
      scoredDocument(scores, row, place);
      return;
    }
    String left = cell(row, "sentence1", place);
    String right = cell(row, "sentence2", place);
    String score = cell(row, "score", place);
    if (nothingEmpty(place, "sentence1", left, "sentence2", right)) {
      scores.add(left, right, score(score, "score", place), place);
    }
  }

  private void scoredDocument(ScoreBuilder scores, Document row, String place) {
    double score = score(Tags.text(row, Tags.SCORE).orElse(""), Tags.SCORE, place);
    if (row.chunkCount() != 2) {
      throw DataErrors.at(
          place, "%d chunks beside %s (expected: 2)".formatted(row.chunkCount(), Tags.SCORE));
    }
    Document first = row.chunks().get(0);
    Document second = row.chunks().get(1);
    if (isEmpty(first) || isEmpty(second)) {
      items.emptyRow(place, "a chunk without content");
    } else {
      scores.add(first, second, score, place);
    }
  }

  private static double score(String cell, String name, String place) {
    try {
      double score = Double.parseDouble(cell.strip());
      if (score >= 0 && score <= 1) {
        return score;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw DataErrors.at(
        place, name + ": " + DataErrors.quoted(cell) + " (expected: a number, 0 to 1)");
  }

  private void session(SessionBuilder sessions, Document row, String place) {
    if (form == DataForm.DOCUMENTS) {
      sessionDocument(sessions, row, place);
      return;
    }
    String anchor = cell(row, "anchor", place);
    String positive = cell(row, "positive", place);
    String negative = form == DataForm.TRIPLETS ? cell(row, "negative", place) : "";
    if (nothingEmpty(place, "anchor", anchor, "positive", positive)) {
      if (form == DataForm.TRIPLETS && negative.isEmpty()) {
        items.partlyEmpty(place, "no negative");
      }
      sessions.add(anchor, positive, negative);
    }
  }

  private void sessionDocument(SessionBuilder sessions, Document row, String place) {
    if (isEmpty(row)) {
      items.emptyRow(place, "no content");
      return;
    }
    List<Document> matches = row.matches().stream().filter(match -> !isEmpty(match)).toList();
    if (matches.size() < row.matchCount()) {
      items.partlyEmpty(
          place, row.matchCount() - matches.size() + " matches without content, left out");
    }
    byte[] roles = new byte[matches.size()];
    for (int i = 0; i < roles.length; i++) {
      roles[i] = role(matches.get(i), place);
    }
    Document root = row.copy();
    root.matches(List.of());
    sessions.add(root, matches, roles);
  }

  private byte role(Document match, String place) {
    Double value = Tags.number(match, Tags.LABEL);
    if (value != null && value == options.positive()) {
      return Supervision.Sessions.POSITIVE;
    }
    if (value != null && value == options.negative()) {
      return Supervision.Sessions.NEGATIVE;
    }
    String label = Tags.text(match, Tags.LABEL).orElse("");
    throw DataErrors.at(
        place,
        "match %s: %s: %s (expected: %s or %s)"
            .formatted(
                match.id(),
                Tags.LABEL,
                label.isEmpty() ? "none" : DataErrors.quoted(label),
                number(options.positive()),
                number(options.negative())));
  }

  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  /// A column of the row; empty for an empty cell.
  private String cell(Document row, String column, String place) {
    String cell = Tags.text(row, column).orElse(null);
    if (cell == null && !cells) {
      throw DataErrors.at(place, column + ": none (expected: a text, for form " + form + ")");
    }
    return cell == null || cell.isBlank() ? "" : cell;
  }

  private boolean nothingEmpty(
      String place, String firstName, String first, String secondName, String second) {
    if (first.isEmpty() || second.isEmpty()) {
      items.emptyRow(place, "no " + (first.isEmpty() ? firstName : secondName));
      return false;
    }
    return true;
  }
}

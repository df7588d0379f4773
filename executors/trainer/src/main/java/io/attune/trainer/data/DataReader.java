package io.attune.trainer.data;

import io.attune.document.Document;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/// Reads rows into a dataset.
final class DataReader {
  private final DataOptions options;
  private final Items items;
  private DataForm form = DataForm.AUTO;
  private @Nullable RowReader rows;

  private DataReader(DataOptions options, Items items) {
    this.options = options;
    this.items = items;
  }

  /// Which rows are read.
  @FunctionalInterface
  interface Part {
    /// Whether the next row is; asked once for each, in their order.
    boolean has(Document row);
  }

  static TrainingData read(RowSource source, DataOptions options, Part part) {
    Items items = new Items(new ItemStore(options.scratch()));
    try {
      DataReader reader = new DataReader(options, items);
      source.each((form, row, place, cells) -> {
        if (part.has(row)) {
          reader.take(form, row, place, cells);
        }
      });
      source.notes().forEach(items::note);
      return reader.finish(source.name());
    } catch (RuntimeException e) {
      items.close();
      throw e;
    }
  }

  static TrainingData of(Iterable<Document> documents, DataOptions options) {
    Items items = new Items(new ItemStore(options.scratch()));
    try {
      DataReader reader = new DataReader(options, items);
      RowSample sample = new RowSample(options);
      Iterator<Document> rows = documents.iterator();
      for (int number = 0; sample.wantsMore() && rows.hasNext(); number++) {
        Document row = rows.next();
        if (!sample.takes()) {
          continue;
        }
        String place = "document " + number + " (" + row.id() + ")";
        DataForm form = options.form();
        if (form == DataForm.AUTO) {
          form = reader.rows == null ? RowReader.formOf(row, place) : reader.form;
        }
        reader.take(form, row, place, false);
      }
      return reader.finish("documents");
    } catch (RuntimeException e) {
      items.close();
      throw e;
    }
  }

  private void take(DataForm rowForm, Document row, String place, boolean cells) {
    if (rows == null) {
      form = rowForm;
      rows = RowReader.of(form, row, place, options, items, cells);
    }
    rows.add(row, place);
  }

  private TrainingData finish(String source) {
    if (rows == null) {
      throw DataErrors.at(source, "no rows (expected: one or more)");
    }
    items.seal();
    Dataset dataset = rows.builder().finish();
    return items.finish(source, form, dataset, rows.builder().checks());
  }
}

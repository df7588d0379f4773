package io.attune.trainer.data;

import io.attune.document.Document;
import io.attune.document.file.DocumentReader;
import io.attune.document.file.FileFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/// Reads rows into a dataset.
final class DataReader {
  private final DataOptions options;
  private final Items items;
  private final boolean cells;
  private final SplitMix sampling;
  private DataForm form;
  private @Nullable RowReader rows;
  private int taken;

  /// @param cells whether an absent value is an empty cell, and no error
  private DataReader(DataOptions options, Items items, DataForm form, boolean cells) {
    this.options = options;
    this.items = items;
    this.form = form;
    this.cells = cells;
    this.sampling = new SplitMix(options.seed());
  }

  static TrainingData read(Path file, DataOptions options) {
    Items items = new Items(new ItemStore(options.scratch()));
    try (DataFile source = DataFile.open(file, options)) {
      DataReader reader = new DataReader(options, items, source.form(), source.isCsv());
      source.notes().forEach(items::note);
      DocumentReader documents = source.documents();
      while (reader.wantsMore() && documents.hasNext()) {
        Document row = documents.next();
        reader.take(row, documents.place());
      }
      return reader.finish(source.name());
    } catch (FileFormatException e) {
      items.close();
      throw DataErrors.invalid(e);
    } catch (IOException | UncheckedIOException e) {
      items.close();
      throw DataErrors.unreadable(String.valueOf(file), e);
    } catch (RuntimeException e) {
      items.close();
      throw e;
    }
  }

  static TrainingData of(Iterable<Document> documents, DataOptions options) {
    Items items = new Items(new ItemStore(options.scratch()));
    try {
      DataReader reader = new DataReader(options, items, options.form(), false);
      Iterator<Document> rows = documents.iterator();
      for (int number = 0; reader.wantsMore() && rows.hasNext(); number++) {
        Document row = rows.next();
        reader.take(row, "document " + number + " (" + row.id() + ")");
      }
      return reader.finish("documents");
    } catch (RuntimeException e) {
      items.close();
      throw e;
    }
  }

  private boolean wantsMore() {
    return options.size() == 0 || taken < options.size();
  }

  private void take(Document row, String place) {
    if (options.samplingRate() < 1 && sampling.nextDouble() >= options.samplingRate()) {
      return;
    }
    if (rows == null) {
      form = form == DataForm.AUTO ? RowReader.formOf(row, place) : form;
      rows = RowReader.of(form, row, place, options, items, cells);
    }
    rows.add(row, place);
    taken++;
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

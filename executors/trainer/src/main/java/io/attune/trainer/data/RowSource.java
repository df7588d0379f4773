package io.attune.trainer.data;

import io.attune.document.Document;
import io.attune.document.file.DocumentReader;
import io.attune.document.file.FileFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// The rows of some files, one file after the other, that `size` and `sampling_rate` leave. Each
/// time it is gone through they are the same.
final class RowSource {
  private final List<Path> files;
  private final DataOptions options;
  private final List<String> notes = new ArrayList<>();

  RowSource(List<Path> files, DataOptions options) {
    this.files = List.copyOf(files);
    this.options = options;
  }

  /// Takes rows.
  @FunctionalInterface
  interface Taker {
    /// Takes a row.
    ///
    /// @param form what the row says
    /// @param place the row's file and line
    /// @param cells whether an absent value is an empty cell, and no error
    void take(DataForm form, Document row, String place, boolean cells);
  }

  /// Goes through the rows.
  ///
  /// @throws io.attune.runtime.FlowException (INVALID_ARGUMENT) naming file, line and what is
  ///   expected; where no file has a row; where files have different forms
  void each(Taker taker) {
    notes.clear();
    RowSample sample = new RowSample(options);
    Form form = new Form();
    for (Path file : files) {
      try (DataFile source = DataFile.open(file, options)) {
        notes.addAll(source.notes());
        DocumentReader documents = source.documents();
        while (sample.wantsMore() && documents.hasNext()) {
          Document row = documents.next();
          if (sample.takes()) {
            String place = documents.place();
            taker.take(form.of(source, row, place), row, place, source.isCsv());
          }
        }
        form.nextFile();
      } catch (FileFormatException e) {
        throw DataErrors.invalid(e);
      } catch (IOException | UncheckedIOException e) {
        throw DataErrors.unreadable(String.valueOf(file), e);
      }
    }
    if (sample.taken() == 0) {
      throw DataErrors.at(name(), "no rows (expected: one or more)");
    }
  }

  /// What the files say of themselves, once they were gone through.
  List<String> notes() {
    return List.copyOf(notes);
  }

  /// The names of the files.
  String name() {
    return files.stream()
        .map(file -> String.valueOf(file.getFileName()))
        .collect(Collectors.joining(", "));
  }

  /// The form of all files: what the first row of the first says.
  private static final class Form {
    private DataForm all = DataForm.AUTO;
    private boolean isKnown;

    DataForm of(DataFile source, Document row, String place) {
      if (!isKnown) {
        DataForm form =
            source.form() == DataForm.AUTO ? RowReader.formOf(row, place) : source.form();
        if (all != DataForm.AUTO && form != all) {
          throw DataErrors.at(
              place, "form %s (expected: %s, as in the first file)".formatted(form, all));
        }
        all = form;
        isKnown = true;
      }
      return all;
    }

    void nextFile() {
      isKnown = false;
    }
  }
}

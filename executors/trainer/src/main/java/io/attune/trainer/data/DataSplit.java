package io.attune.trainer.data;

import io.attune.document.Document;
import java.nio.file.Path;
import java.util.List;

/// Data in two parts: one to train on, and one held out.
///
/// Rows that belong together are on one side: those of one value of the column `split_by`, or,
/// without it, those that share a label, a text that belongs to another, or an anchor, over any
/// number of rows. Labelled data of fewer than ten labels is divided by text instead, for whole
/// labels could not be held out. Which groups are held out follows from the seed.
///
/// @param training what is trained on
/// @param heldOut the rest
/// @param lines what was divided, for people
public record DataSplit(TrainingData training, TrainingData heldOut, List<String> lines)
    implements AutoCloseable {
  public DataSplit {
    lines = List.copyOf(lines);
  }

  /// Reads files, and holds a part of their rows out.
  ///
  /// @param fraction of the rows, above 0 and below 1; at most so many are held out, as groups stay
  ///   whole
  /// @param seed decides which groups
  /// @throws io.attune.runtime.FlowException (INVALID_ARGUMENT) where a file is wrong, or where no
  ///   group is small enough to be held out
  public static DataSplit read(List<Path> files, DataOptions options, double fraction, long seed) {
    RowSource source = new RowSource(files, options);
    RowGroups groups = RowGroups.of(source, options);
    boolean[] held = groups.heldOut(fraction, seed);
    TrainingData training = DataReader.read(source, options, part(held, false));
    try {
      TrainingData rest = DataReader.read(source, options, part(held, true));
      DataSplit split = new DataSplit(training, rest, groups.lines(held));
      if (rest.size() == 0) {
        throw DataErrors.invalid("val_split: nothing held out (expected: a larger part)");
      }
      return split;
    } catch (RuntimeException e) {
      training.close();
      throw e;
    }
  }

  private static DataReader.Part part(boolean[] held, boolean wanted) {
    return new DataReader.Part() {
      private int row;

      @Override
      public boolean has(Document next) {
        return held[row++] == wanted;
      }
    };
  }

  @Override
  public void close() {
    training.close();
    heldOut.close();
  }
}

package io.attune.trainer.feedback;

import io.attune.document.Document;
import io.attune.evaluator.split.KnownSides;
import io.attune.evaluator.split.QuerySplit;
import io.attune.evaluator.split.QuerySplit.Side;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Which judged queries are trained on and which judge candidates, for ever: each is given its side
/// before its first judgment is answered.
///
/// Where no share was ever held out there is no file, and all are trained on.
final class QuerySides implements AutoCloseable {
  /// What a query's tag says of its side.
  static final String TAG = "side";

  private static final String FILE = "gate.split";
  private static final double NOTHING = Double.MIN_VALUE;

  private final Path folder;
  private final @Nullable QuerySplit split;

  private QuerySides(Path folder, @Nullable QuerySplit split) {
    this.folder = folder;
    this.split = split;
  }

  /// Opens the sides of a folder.
  ///
  /// @param gateShare the share of new queries that judge, 0 to less than 1; with 0 new queries are
  ///   trained on
  /// @param judged what was judged before, asked for where it matters; queries without a side may
  ///   have been trained on, and stay on that side
  static QuerySides open(Path folder, double gateShare, Supplier<List<Judgment>> judged)
      throws IOException {
    Path file = folder.resolve(FILE);
    if (gateShare == 0 && !Files.exists(file)) {
      return new QuerySides(folder, null);
    }
    QuerySplit split = QuerySplit.open(file, Math.max(gateShare, NOTHING));
    try {
      for (Judgment each : judged.get()) {
        var _ = split.sideOfTrained(each.queryText());
      }
      return new QuerySides(folder, split);
    } catch (IOException | RuntimeException e) {
      split.close();
      throw e;
    }
  }

  /// Gives sides to queries that are about to be judged.
  ///
  /// @throws FlowException UNAVAILABLE where they cannot be kept
  void give(Collection<Judgment> judgments) {
    if (split == null) {
      return;
    }
    try {
      for (Judgment each : judgments) {
        var _ = split.side(each.queryText());
      }
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.UNAVAILABLE,
          "feedback: %s cannot be written: %s (expected: room on the disk)"
              .formatted(folder.resolve(FILE), e.getMessage()),
          e);
    }
  }

  /// The sides that were given: TRAIN where no share was ever held out.
  Sides given() {
    return split == null ? _ -> Side.TRAIN : query -> split.known(query).orElse(Side.TRAIN);
  }

  /// The sides of judged queries, by what a folder holds now: TRAIN where no share was ever held
  /// out. Judgments must be read before their sides, as more may come meanwhile.
  static Sides of(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return _ -> Side.TRAIN;
    }
    KnownSides known = KnownSides.read(file);
    return query -> known.side(query).orElse(Side.TRAIN);
  }

  /// The side of a query.
  @FunctionalInterface
  interface Sides {
    Side of(String query);

    /// The same as the tag of an exported query has it.
    default String label(Document query) {
      return of(query.text()).name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public void close() throws IOException {
    if (split != null) {
      split.close();
    }
  }
}

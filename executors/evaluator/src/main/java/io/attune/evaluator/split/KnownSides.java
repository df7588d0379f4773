package io.attune.evaluator.split;

import io.attune.evaluator.split.QuerySplit.Side;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The sides that a [QuerySplit] has given so far, read while another process may give more.
public final class KnownSides {
  private final Map<String, Side> sides;

  private KnownSides(Map<String, Side> sides) {
    this.sides = sides;
  }

  /// What a file holds now; nothing where there is none.
  ///
  /// @throws io.attune.runtime.FlowException DATA_LOSS where the file is damaged
  public static KnownSides read(Path file) throws IOException {
    Map<String, Side> sides = new HashMap<>();
    SplitLedger.read(file).forEach(entry -> sides.put(entry.name(), entry.side()));
    return new KnownSides(sides);
  }

  /// The side of a query; empty where it was given none.
  public Optional<Side> side(String text) {
    return Optional.ofNullable(sides.get(QuerySplit.name(MinHash.normalise(text))));
  }
}

package io.attune.encoder.rollout;

import java.io.IOException;
import java.util.Optional;

/// Where an encoder keeps its standing.
public interface StandingStore {
  /// The standing that was written last; empty where there is none.
  ///
  /// @throws io.attune.runtime.FlowException (DATA_LOSS) where what is there cannot be read
  Optional<Standing> read();

  /// Replaces the standing, in one step; it is on disk when this returns. Where it throws, either
  /// of the two may be.
  void write(Standing standing) throws IOException;
}

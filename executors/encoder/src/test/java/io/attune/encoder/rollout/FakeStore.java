package io.attune.encoder.rollout;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A store in memory that can fail at a write: before it, or after, when the disk has it already.
final class FakeStore implements StandingStore {
  /// All that was written.
  final List<Standing> written = new ArrayList<>();

  private @Nullable Standing kept;
  private int failAt = -1;
  private boolean keptThough;
  private int writes;

  /// Fails at the write of this number from now, 0 for the next.
  synchronized void failAt(int write, boolean keepsIt) {
    failAt = writes + write;
    keptThough = keepsIt;
  }

  @Override
  public synchronized Optional<Standing> read() {
    return Optional.ofNullable(kept);
  }

  @Override
  public synchronized void write(Standing standing) throws IOException {
    boolean fails = writes++ == failAt;
    if (!fails || keptThough) {
      kept = standing;
      written.add(standing);
    }
    if (fails) {
      throw new IOException("disk is gone");
    }
  }
}

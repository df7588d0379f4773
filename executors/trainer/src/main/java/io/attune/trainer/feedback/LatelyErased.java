package io.attune.trainer.feedback;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/// What was erased a moment ago. A search that read a document before it was deleted may come by
/// after its text was erased, and must not bring it back.
///
/// Thread-safe.
final class LatelyErased {
  /// How long a search may be on its way from the indexer to here.
  static final Duration MOMENT = Duration.ofMinutes(1);

  private static final int MOST_IDS = 1 << 18;

  private final InstantSource clock;
  private final Map<String, Instant> since = new LinkedHashMap<>();
  private Instant everythingSince = Instant.MIN;

  LatelyErased(InstantSource clock) {
    this.clock = clock;
  }

  synchronized void add(Erasure erasure) {
    Instant now = clock.instant();
    forget(now);
    for (String id : erasure.ids()) {
      since.remove(id);
      since.put(id, now);
    }
    if (erasure.all() || since.size() > MOST_IDS) { // too many to tell one from another
      since.clear();
      everythingSince = now;
    }
  }

  /// Whether a document's text may not be kept now.
  synchronized boolean has(String id) {
    Instant now = clock.instant();
    forget(now);
    return since.containsKey(id) || everythingSince.isAfter(now.minus(MOMENT));
  }

  private void forget(Instant now) {
    Instant old = now.minus(MOMENT);
    Iterator<Instant> times = since.values().iterator();
    while (times.hasNext() && !times.next().isAfter(old)) {
      times.remove();
    }
  }
}

package io.attune.indexer;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// The documents that a generation lacks because nothing gives them a vector of its space, named
/// and counted by reason. Safe for use by several threads.
final class Missing {
  /// How many are named in a message.
  static final int NAMED = 20;

  /// How many ids are kept; of more only the number is known, and they are not forgotten when they
  /// come again.
  private static final int MOST = 100_000;

  /// Why a document cannot be embedded.
  enum Reason {
    NO_CONTENT("without content that the encoder reads"),
    FILE_GONE("whose file is gone"),
    OWN_VECTOR("with a vector of their own"),
    FAILED("that failed three times");

    private final String phrase;

    Reason(String phrase) {
      this.phrase = phrase;
    }

    /// What documents of it are, behind their number.
    String phrase() {
      return phrase;
    }
  }

  // guarded by this
  private final Map<String, Reason> byId = new LinkedHashMap<>();
  private final Map<Reason, Long> unnamed = new EnumMap<>(Reason.class);

  /// Those that a generation lacked when it was committed.
  static Missing of(KeptMissing kept) {
    Missing missing = new Missing();
    synchronized (missing) {
      missing.byId.putAll(kept.byId());
      missing.unnamed.putAll(kept.unnamed());
    }
    return missing;
  }

  /// What the manifest keeps of them.
  synchronized KeptMissing kept() {
    return KeptMissing.of(byId, unnamed);
  }

  synchronized void add(String id, Reason reason) {
    if (byId.size() < MOST || byId.containsKey(id)) {
      byId.put(id, reason);
    } else {
      unnamed.merge(reason, 1L, Long::sum);
    }
  }

  /// A document that is there, or gone, is not missing any more.
  synchronized void remove(String id) {
    byId.remove(id);
  }

  synchronized void clear() {
    byId.clear();
    unnamed.clear();
  }

  synchronized long count() {
    return byId.size() + unnamed.values().stream().mapToLong(Long::longValue).sum();
  }

  /// The first of them, at most so many, with their reasons.
  synchronized Map<String, Reason> first(int most) {
    Map<String, Reason> first = new LinkedHashMap<>();
    byId.entrySet().stream().limit(most).forEach(each -> first.put(each.getKey(), each.getValue()));
    return first;
  }

  /// How many there are of each reason.
  synchronized Map<Reason, Long> counts() {
    Map<Reason, Long> counts = new EnumMap<>(Reason.class);
    counts.putAll(unnamed);
    byId.values().forEach(reason -> counts.merge(reason, 1L, Long::sum));
    return counts;
  }

  /// Such as `3 documents that cannot be embedded: 2 without content that the encoder reads, 1 that
  /// failed three times: a, b, c`.
  synchronized String describe() {
    StringBuilder text =
        new StringBuilder()
            .append(count())
            .append(count() == 1 ? " document" : " documents")
            .append(" that cannot be embedded");
    String separator = ": ";
    for (Map.Entry<Reason, Long> each : counts().entrySet()) {
      text.append(separator).append(each.getValue()).append(' ').append(each.getKey().phrase());
      separator = ", ";
    }
    text.append(": ").append(String.join(", ", first(NAMED).keySet()));
    return (count() > NAMED ? text.append(", …") : text).toString();
  }
}

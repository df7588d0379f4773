package io.attune.indexer;

import io.attune.indexer.Missing.Reason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The documents that a generation lacks as the manifest keeps them: the first by id, of the others
/// the number.
///
/// @param byId why each that is named is missing
/// @param unnamed how many others there are of each reason
record KeptMissing(Map<String, Reason> byId, Map<Reason, Long> unnamed) {
  static final KeptMissing NONE = new KeptMissing(Map.of(), Map.of());

  /// How many are named, and the bytes of their ids.
  private static final int MOST = 10_000;

  private static final int MOST_BYTES = 1 << 20;

  private static final String ID = "id";
  private static final String COUNT = "count";

  KeptMissing {
    byId = Collections.unmodifiableMap(new LinkedHashMap<>(byId));
    unnamed = Map.copyOf(unnamed);
  }

  /// As many of them by id as the manifest takes.
  static KeptMissing of(Map<String, Reason> all, Map<Reason, Long> unnamed) {
    Map<String, Reason> named = new LinkedHashMap<>();
    Map<Reason, Long> others = new EnumMap<>(Reason.class);
    others.putAll(unnamed);
    long bytes = 0;
    for (Map.Entry<String, Reason> each : all.entrySet()) {
      bytes += each.getKey().getBytes(StandardCharsets.UTF_8).length;
      if (named.size() < MOST && bytes <= MOST_BYTES) {
        named.put(each.getKey(), each.getValue());
      } else {
        others.merge(each.getValue(), 1L, Long::sum);
      }
    }
    return new KeptMissing(named, others);
  }

  /// Lines of a file.
  List<String> toLines() {
    Base64.Encoder base64 = Base64.getEncoder();
    List<String> lines = new ArrayList<>();
    byId.forEach((id, reason) ->
        lines.add(
            "%s %s %s"
                .formatted(
                    ID, reason, base64.encodeToString(id.getBytes(StandardCharsets.UTF_8)))));
    unnamed.forEach((reason, count) -> lines.add("%s %s %d".formatted(COUNT, reason, count)));
    return lines;
  }

  /// @throws IllegalArgumentException where it is no such lines
  static KeptMissing parse(List<String> lines) {
    Map<String, Reason> byId = new LinkedHashMap<>();
    Map<Reason, Long> unnamed = new EnumMap<>(Reason.class);
    for (String line : lines) {
      String[] parts = line.split(" ", 3);
      Reason reason = Reason.valueOf(parts[1]);
      switch (parts[0]) {
        case ID ->
            byId.put(
                new String(Base64.getDecoder().decode(parts[2]), StandardCharsets.UTF_8), reason);
        case COUNT -> unnamed.put(reason, Long.parseLong(parts[2]));
        default -> throw new IllegalArgumentException("missing: " + line);
      }
    }
    return new KeptMissing(byId, unnamed);
  }
}

package io.attune.trainer.run;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Something chosen by name, with its options: a loss, a miner, an optimiser, a schedule. Every
/// option has its value, the defaults too.
///
/// @param name its name, as its package knows it
/// @param options its options; each a text, a [Long], a [Double], a [Boolean], null, or a list or
///   map of such
public record Chosen(String name, Map<String, @Nullable Object> options) {
  public Chosen {
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }

  /// A name without options.
  public static Chosen of(String name) {
    return new Chosen(name, Map.of());
  }
}

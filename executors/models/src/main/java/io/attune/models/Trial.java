package io.attune.models;

import java.util.List;

/// What trying a model found.
///
/// @param golden its goldens, which came out
/// @param leastCosine the least cosine between an embedding and its golden
/// @param cpuNanos the processor time of each golden alone, in nanoseconds
public record Trial(Golden golden, double leastCosine, List<Long> cpuNanos) {
  public Trial {
    cpuNanos = List.copyOf(cpuNanos);
  }
}

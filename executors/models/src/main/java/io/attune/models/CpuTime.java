package io.attune.models;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// The processor time of work on the calling platform thread: unlike the time on the wall it is not
/// longer because others want the cores too.
public final class CpuTime {
  private CpuTime() {}

  /// What each input costs, in nanoseconds.
  ///
  /// @param embed embeds the input it is given, on the thread that calls it
  public static List<Long> of(List<Golden.Case> inputs, Consumer<Golden.Case> embed) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    List<Long> costs = new ArrayList<>();
    for (Golden.Case input : inputs) {
      long start = threads.getCurrentThreadCpuTime();
      embed.accept(input);
      costs.add(threads.getCurrentThreadCpuTime() - start);
    }
    return costs;
  }

  /// The lesser of two times, input by input.
  static List<Long> least(List<Long> first, List<Long> second) {
    List<Long> least = new ArrayList<>();
    for (int i = 0; i < first.size(); i++) {
      least.add(Math.min(first.get(i), second.get(i)));
    }
    return least;
  }
}

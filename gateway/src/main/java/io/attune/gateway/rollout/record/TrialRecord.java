package io.attune.gateway.rollout.record;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/// What gateways have counted in a rollout's CANARY, as it is on disk.
///
/// @param reports the last one of each source
public record TrialRecord(String rollout, List<Report> reports) {
  public TrialRecord {
    reports = List.copyOf(reports);
  }

  /// What one gateway has counted since it came.
  ///
  /// @param source which count it is
  /// @param agreement the sum over the searches that were compared
  /// @param dropped searches that were not asked again
  public record Report(
      String source, Count from, Count to, double agreement, long compared, long dropped) {
    private long length() {
      return from.searches() + to.searches() + compared + dropped;
    }
  }

  /// The searches of one version.
  ///
  /// @param latencies a histogram, as [java.util.Base64] has it; empty for none
  public record Count(long searches, long errors, String latencies) {}

  /// The same with a report, in place of an earlier one of its source.
  public TrialRecord with(Report report) {
    List<Report> next = new ArrayList<>(reports);
    for (int i = 0; i < next.size(); i++) {
      if (next.get(i).source().equals(report.source())) {
        if (next.get(i).length() < report.length()) {
          next.set(i, report);
          return new TrialRecord(rollout, next);
        }
        return this;
      }
    }
    next.add(report);
    return new TrialRecord(rollout, next);
  }

  /// The sum of something over all reports.
  public long sum(ToLongFunction<Report> what) {
    return reports.stream().mapToLong(what).sum();
  }
}

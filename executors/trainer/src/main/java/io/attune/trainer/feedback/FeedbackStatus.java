package io.attune.trainer.feedback;

import java.util.LinkedHashMap;
import java.util.Map;

/// What `/feedback/status` answers.
final class FeedbackStatus {
  private FeedbackStatus() {}

  static Map<String, Object> of(
      FeedbackLog.Standing judgments, ImpressionLog.Standing impressions) {
    Map<String, Object> versions = new LinkedHashMap<>();
    int relevant = 0;
    int irrelevant = 0;
    for (Map.Entry<String, FeedbackLog.Count> each : judgments.versions().entrySet()) {
      FeedbackLog.Count count = each.getValue();
      versions.put(each.getKey(), count(count.relevant(), count.irrelevant()));
      relevant += count.relevant();
      irrelevant += count.irrelevant();
    }
    Map<String, Object> status = count(relevant, irrelevant);
    status.put("undone", judgments.undone());
    status.put("log_bytes", judgments.bytes());
    status.put("versions", versions);
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("kept", impressions.kept());
    shown.put("bytes", impressions.bytes());
    shown.put("dropped", impressions.dropped());
    shown.put("damaged", impressions.damaged());
    status.put("impressions", shown);
    return status;
  }

  /// @param searches by the version that answered them
  static Map<String, Object> of(Map<String, JudgedSearches> searches) {
    Map<String, Object> versions = new LinkedHashMap<>();
    searches.forEach((version, each) -> versions.put(version, each.toJson()));
    return versions;
  }

  private static Map<String, Object> count(int relevant, int irrelevant) {
    Map<String, Object> count = new LinkedHashMap<>();
    count.put("judgments", relevant + irrelevant);
    count.put("relevant", relevant);
    count.put("irrelevant", irrelevant);
    return count;
  }
}

package io.attune.cli.rollout;

import com.google.protobuf.Timestamp;
import io.attune.cli.TextTable;
import io.attune.proto.attune.GateVerdict;
import io.attune.proto.attune.NotEmbeddable;
import io.attune.proto.attune.ParticipantProgress;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutComparison;
import io.attune.proto.attune.RolloutState;
import io.attune.proto.attune.VersionFigures;
import io.attune.proto.attune.VersionJudgments;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Rollouts as text for people, and as JSON.
final class RolloutText {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());
  private static final int MOST_NAMED = 20;

  private RolloutText() {}

  static String from(Rollout rollout) {
    return rollout.getModel() + "@" + rollout.getFromVersion();
  }

  static String to(Rollout rollout) {
    return rollout.getModel() + "@" + rollout.getToVersion();
  }

  /// A state as the command line has it.
  static String state(RolloutState state) {
    return switch (state) {
      case ROLLOUT_FAILED -> "failed";
      case ROLLED_BACK -> "rolled back";
      default -> state.name().toLowerCase(Locale.ROOT);
    };
  }

  /// The state and what is special about it.
  static String standing(Rollout rollout) {
    String state = state(rollout.getState());
    if (!rollout.getReached()) {
      return state + (rollout.getPaused() ? " (paused)" : " …");
    }
    if (rollout.getState() == RolloutState.CANARY) {
      return "%s (%s %%)".formatted(trial(rollout), percent(rollout.getOptions().getCanaryShare()));
    }
    return rollout.hasRetires() ? state + " until " + time(rollout.getRetires()) : state;
  }

  private static String percent(double share) {
    return BigDecimal.valueOf(share * 100)
        .round(new MathContext(4))
        .stripTrailingZeros()
        .toPlainString();
  }

  private static String trial(Rollout rollout) {
    return rollout.getOptions().getShadow() ? "shadow" : state(rollout.getState());
  }

  static String time(Timestamp time) {
    return TIME.format(instant(time));
  }

  private static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  /// How long it took, or has taken, to its last state.
  static String took(Rollout rollout) {
    if (rollout.getStepsCount() == 0) {
      return "";
    }
    var last = rollout.getSteps(rollout.getStepsCount() - 1);
    Duration time =
        Duration.between(
            instant(rollout.getSteps(0).getBegan()),
            last.hasReached() ? instant(last.getReached()) : Instant.now());
    return "%.1f s".formatted(time.toMillis() / 1000.0);
  }

  static String participant(ParticipantProgress participant) {
    return "%s %s/%d/%d"
        .formatted(
            participant.getKind(),
            participant.getName(),
            participant.getShard(),
            participant.getReplica());
  }

  /// The documents that cannot be embedded again, as lines.
  static List<String> missing(Rollout rollout) {
    List<String> lines = new ArrayList<>();
    for (ParticipantProgress each : rollout.getParticipantsList()) {
      if (each.getMissing() > 0) {
        lines.add(
            "%s: %,d document%s cannot be embedded again"
                .formatted(
                    participant(each), each.getMissing(), each.getMissing() == 1 ? "" : "s"));
        List<NotEmbeddable> named = each.getMissingDocumentsList();
        named.stream()
            .limit(MOST_NAMED)
            .forEach(document -> lines.add("  " + document.getId() + ": " + document.getReason()));
      }
    }
    return lines;
  }

  /// What the gate found, as lines.
  static List<String> gate(Rollout rollout) {
    GateVerdict gate = rollout.getGate();
    List<String> lines = new ArrayList<>();
    if (gate.getQueries() > 0) {
      TextTable table =
          new TextTable(
              gate.getMetric(),
              from(rollout),
              to(rollout),
              "gain",
              "95 % interval",
              "better",
              "worse",
              "equal",
              "unjudged");
      table.row(
          "%,d queries".formatted(gate.getQueries()),
          "%.4f".formatted(gate.getLive()),
          "%.4f".formatted(gate.getCandidate()),
          "%+.4f".formatted(gate.getGain()),
          "%+.4f..%+.4f".formatted(gate.getGainLow(), gate.getGainHigh()),
          "%,d".formatted(gate.getBetter()),
          "%,d".formatted(gate.getWorse()),
          "%,d".formatted(gate.getEqual()),
          "%.0f %%, %.0f %%"
              .formatted(100 * gate.getLiveUnjudged(), 100 * gate.getCandidateUnjudged()));
      table.lines().forEach(line -> lines.add("  " + line));
    }
    lines.add("gate: " + gate.getReason());
    return lines;
  }

  private static Map<String, Object> json(GateVerdict gate) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("passed", gate.getPassed());
    values.put("reason", gate.getReason());
    values.put("metric", gate.getMetric());
    values.put("queries", gate.getQueries());
    values.put("attempt", gate.getAttempt());
    values.put("live", gate.getLive());
    values.put("candidate", gate.getCandidate());
    values.put("gain", gate.getGain());
    values.put("gain_low", gate.getGainLow());
    values.put("gain_high", gate.getGainHigh());
    values.put("bound", gate.getBound());
    values.put("margin", gate.getMargin());
    values.put("better", gate.getBetter());
    values.put("worse", gate.getWorse());
    values.put("equal", gate.getEqual());
    values.put("live_unjudged", gate.getLiveUnjudged());
    values.put("candidate_unjudged", gate.getCandidateUnjudged());
    return values;
  }

  /// What CANARY found, as lines; none before it.
  static List<String> comparison(Rollout rollout) {
    if (!rollout.hasComparison()) {
      return List.of();
    }
    RolloutComparison found = rollout.getComparison();
    TextTable table = new TextTable("version", "searches", "errors", "p50", "p99");
    row(table, from(rollout), found.getFrom());
    row(table, to(rollout), found.getTo());
    List<String> lines = new ArrayList<>(table.lines());
    if (found.getCompared() > 0) {
      lines.add(
          "agreement@10: %.3f over %,d searches"
              .formatted(found.getAgreement(), found.getCompared()));
    }
    if (found.getDropped() > 0) {
      lines.add(
          "%,d searches were not asked again, as too many waited".formatted(found.getDropped()));
    }
    if (found.getFrom().hasJudged() || found.getTo().hasJudged()) {
      TextTable judged =
          new TextTable(
              "judged", "searches", "relevant", "irrelevant", "reciprocal rank", "95 % interval");
      row(judged, from(rollout), found.getFrom().getJudged());
      row(judged, to(rollout), found.getTo().getJudged());
      lines.addAll(judged.lines());
    }
    return lines;
  }

  private static void row(TextTable table, String version, VersionJudgments judged) {
    boolean isJudged = judged.getSearches() > 0;
    table.row(
        version,
        "%,d".formatted(judged.getSearches()),
        "%,d".formatted(judged.getRelevant()),
        "%,d".formatted(judged.getIrrelevant()),
        isJudged ? "%.4f".formatted(judged.getReciprocalRank()) : "-",
        isJudged
            ? "%.4f..%.4f".formatted(judged.getReciprocalRankLow(), judged.getReciprocalRankHigh())
            : "-");
  }

  private static void row(TextTable table, String version, VersionFigures figures) {
    table.row(
        version,
        "%,d".formatted(figures.getSearches()),
        "%,d".formatted(figures.getErrors()),
        "%.1f ms".formatted(figures.getP50()),
        "%.1f ms".formatted(figures.getP99()));
  }

  private static Map<String, Object> json(VersionFigures figures) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("searches", figures.getSearches());
    values.put("errors", figures.getErrors());
    values.put("p50", figures.getP50());
    values.put("p99", figures.getP99());
    if (figures.hasJudged()) {
      values.put("judged", json(figures.getJudged()));
    }
    return values;
  }

  private static Map<String, Object> json(VersionJudgments judged) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("searches", judged.getSearches());
    values.put("relevant", judged.getRelevant());
    values.put("irrelevant", judged.getIrrelevant());
    values.put("reciprocal_rank", judged.getReciprocalRank());
    values.put("reciprocal_rank_low", judged.getReciprocalRankLow());
    values.put("reciprocal_rank_high", judged.getReciprocalRankHigh());
    return values;
  }

  private static Map<String, Object> json(RolloutComparison found) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("from", json(found.getFrom()));
    values.put("to", json(found.getTo()));
    if (found.getCompared() > 0) {
      values.put("agreement", found.getAgreement());
    }
    values.put("compared", found.getCompared());
    values.put("dropped", found.getDropped());
    return values;
  }

  static Map<String, Object> json(Rollout rollout) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("rollout", rollout.getId());
    values.put("from", from(rollout));
    values.put("to", to(rollout));
    values.put("state", rollout.getState().name());
    values.put("reached", rollout.getReached());
    values.put("epoch", rollout.getEpoch());
    values.put("reason", rollout.getReason());
    if (rollout.hasGate()) {
      values.put("gate", json(rollout.getGate()));
    }
    if (rollout.hasComparison()) {
      values.put("comparison", json(rollout.getComparison()));
    }
    return values;
  }
}

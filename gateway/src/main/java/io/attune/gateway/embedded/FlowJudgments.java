package io.attune.gateway.embedded;

import com.google.protobuf.Struct;
import io.attune.document.DocumentArray;
import io.attune.document.json.StructJson;
import io.attune.gateway.rollout.Judgments;
import io.attune.proto.attune.VersionJudgments;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the Flow's own `Feedback` collects; nothing where it has none.
///
/// @param calls requests to the Flow
record FlowJudgments(FlowCalls calls) implements Judgments {
  private static final String STATUS = "/feedback/status";
  private static final String VERSIONS = "answered_since";

  @Override
  public Optional<Both> since(Instant time, ModelVersion from, ModelVersion to)
      throws InterruptedException {
    if (!calls.serves(STATUS)) {
      return Optional.empty();
    }
    Struct versions =
        calls
            .post(
                STATUS,
                DocumentArray.of(),
                StructJson.of(Map.of("since", time.toString())),
                List.of())
            .results(VERSIONS)
            .orElseThrow(() ->
                new FlowException(
                    ErrorCode.INTERNAL,
                    "%s: no %s (expected: Feedback's)".formatted(STATUS, VERSIONS)))
            .getFieldsOrThrow(VERSIONS)
            .getStructValue();
    return Optional.of(new Both(of(versions, from), of(versions, to)));
  }

  private static VersionJudgments of(Struct versions, ModelVersion version) {
    if (!versions.containsFields(version.toString())) {
      return VersionJudgments.getDefaultInstance();
    }
    Struct told = versions.getFieldsOrThrow(version.toString()).getStructValue();
    Struct rank = told.getFieldsOrThrow("reciprocal_rank").getStructValue();
    return VersionJudgments.newBuilder()
        .setSearches((long) number(told, "searches"))
        .setRelevant((long) number(told, "relevant"))
        .setIrrelevant((long) number(told, "irrelevant"))
        .setReciprocalRank(number(rank, "value"))
        .setReciprocalRankLow(number(rank, "low"))
        .setReciprocalRankHigh(number(rank, "high"))
        .build();
  }

  private static double number(Struct struct, String field) {
    return struct.getFieldsOrThrow(field).getNumberValue();
  }
}

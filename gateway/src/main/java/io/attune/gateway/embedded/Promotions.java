package io.attune.gateway.embedded;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.DocumentArray;
import io.attune.document.json.StructJson;
import io.attune.flows.GatewayPlan;
import io.attune.gateway.rollout.Coordinator;
import io.attune.proto.attune.RolloutOptions;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets models that the Flow's trainer tuned go live: follows the runs of an experiment, and starts
/// a rollout behind the gate for what the newest finished one published.
///
/// A run is tried once: its rollout bears its name, so neither a restart nor a rollback starts it
/// again. Where a rollout cannot begin yet (another one is under way, too few queries are judged),
/// it is asked for again. Used by one thread.
final class Promotions {
  private static final Logger log = LoggerFactory.getLogger(Promotions.class);
  private static final String RUNS = "/runs/list";

  private final GatewayPlan.Promotion promotion;
  private final FlowCalls calls;
  private final Coordinator coordinator;
  private String told = "";

  Promotions(GatewayPlan.Promotion promotion, FlowCalls calls, Coordinator coordinator) {
    this.promotion = promotion;
    this.calls = calls;
    this.coordinator = coordinator;
  }

  /// A run that published a version.
  private record Tuned(String run, ModelVersion version, String finished) {}

  /// Starts a rollout where there is something new.
  void look() {
    try {
      Optional<Tuned> newest = newest();
      if (newest.isPresent() && isNew(newest.get().version())) {
        start(newest.get());
      }
    } catch (FlowException failure) {
      tell(String.valueOf(failure.getMessage()));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private Optional<Tuned> newest() throws InterruptedException {
    if (!calls.serves(RUNS)) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "promote: no executor of the Flow answers %s (expected: a Trainer)".formatted(RUNS));
    }
    Struct parameters = StructJson.of(Map.of("experiment", promotion.experiment()));
    List<Value> runs =
        calls
            .post(RUNS, DocumentArray.of(), parameters, List.of())
            .results("runs")
            .map(results -> results.getFieldsOrThrow("runs").getListValue().getValuesList())
            .orElse(List.of());
    Tuned newest = null;
    for (Value each : runs) {
      Struct run = each.getStructValue();
      String artifact = text(run, "artifact");
      if (text(run, "status").equals("FINISHED") && !artifact.isEmpty()) {
        Tuned tuned =
            new Tuned(text(run, "id"), ModelVersion.parse(artifact), text(run, "finished"));
        if (newest == null || tuned.finished().compareTo(newest.finished()) > 0) {
          newest = tuned;
        }
      }
    }
    return Optional.ofNullable(newest);
  }

  private static String text(Struct struct, String field) {
    return struct.getFieldsOrDefault(field, Value.getDefaultInstance()).getStringValue();
  }

  /// Whether it is after what is live: a version that somebody chose since stays.
  private boolean isNew(ModelVersion version) {
    return coordinator.live().stream()
        .anyMatch(
            live -> live.model().equals(version.name()) && live.version() < version.version());
  }

  private void start(Tuned tuned) {
    RolloutOptions options =
        RolloutOptions.newBuilder()
            .setMinGain(promotion.minGain())
            .setDrainSeconds(promotion.drainSeconds())
            .build();
    if (coordinator.startOnce(tuned.version(), options, requestId(tuned.run()))) {
      log.atInfo()
          .addKeyValue("run", tuned.run())
          .addKeyValue("version", tuned.version())
          .log("tuned model is on its way");
    }
  }

  /// Of the length that a request id may have.
  private static String requestId(String run) {
    return "promote-" + UUID.nameUUIDFromBytes(run.getBytes(StandardCharsets.UTF_8));
  }

  /// Says why it does not go on, once for each reason.
  private void tell(String why) {
    if (!why.equals(told)) {
      told = why;
      log.atWarn().addKeyValue("reason", why).log("tuned models do not go live by themselves");
    }
  }
}

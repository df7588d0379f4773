package io.attune.gateway.embedded;

import io.attune.flows.ExecutorPlan;
import io.attune.flows.FlowPlan;
import io.attune.gateway.PlannedGateway;
import io.attune.gateway.rollout.Identity;
import io.attune.gateway.rollout.Peer;
import io.attune.models.ModelStore;
import io.attune.proto.attune.ParticipantStanding;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.Address;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The executors of a Flow as participants in its rollouts.
///
/// @param inProcess where an executor of this process is; null for others
record FlowParticipants(FlowPlan plan, Function<String, @Nullable Address> inProcess) {
  private static final Logger log = LoggerFactory.getLogger(FlowParticipants.class);
  private static final Set<String> PARTICIPANTS = Set.of("Encoder", "Indexer");

  /// Those of this process.
  Map<Identity, Peer> peers() {
    Map<Identity, Peer> peers = new LinkedHashMap<>();
    for (ExecutorPlan executor : plan.executors()) {
      Address address = inProcess.apply(executor.name());
      if (address != null) {
        Peer peer = Peer.at(address, null);
        Identity identity = identity(executor.name(), peer);
        if (identity == null) {
          peer.close();
        } else {
          peers.put(identity, peer);
        }
      }
    }
    return peers;
  }

  private static @Nullable Identity identity(String executor, Peer peer) {
    try {
      ParticipantStanding standing = peer.standing();
      return new Identity(
          Identity.Kind.of(standing.getKind()),
          executor,
          standing.getShard(),
          standing.getReplica());
    } catch (FlowException failure) {
      if (failure.code() != ErrorCode.UNIMPLEMENTED) {
        log.atWarn()
            .addKeyValue("executor", executor)
            .addKeyValue("reason", failure.getMessage())
            .log("takes no part in rollouts");
      }
      return null;
    }
  }

  /// Executors of other processes that hold versions or generations: without one of them, requests
  /// would fail once the new version is live.
  Map<String, Integer> expected() {
    Map<String, Integer> expected = new HashMap<>();
    for (ExecutorPlan executor : plan.executors()) {
      if (PARTICIPANTS.contains(executor.uses()) && inProcess.apply(executor.name()) == null) {
        expected.put(executor.name(), PlannedGateway.remote(executor).size());
      }
    }
    return expected;
  }

  /// Where an encoder's replicas are reached, commas between them; empty where that is not known.
  String where(String encoder) {
    Address here = inProcess.apply(encoder);
    if (here != null) {
      return here.toString();
    }
    return plan.executor(encoder)
        .map(executor ->
            PlannedGateway.remote(executor).stream()
                .map(Address::toString)
                .collect(Collectors.joining(",")))
        .orElse("");
  }

  /// The store of the encoder that names one, as all must have the same.
  ModelStore store() {
    return plan.executors().stream()
        .map(executor -> executor.usesWith().get("store"))
        .filter(String.class::isInstance)
        .map(store -> ModelStore.at(Path.of((String) store)))
        .findFirst()
        .orElseGet(() -> ModelStore.at(ModelStore.defaultRoot()));
  }
}

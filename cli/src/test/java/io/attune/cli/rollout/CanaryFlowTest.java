package io.attune.cli.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import io.attune.cli.ExitCode;
import io.attune.cli.Run;
import io.attune.cli.client.FlowClient;
import io.attune.document.Document;
import io.attune.encoder.EncoderFactory;
import io.attune.models.testing.PlantedModels;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutOptions;
import io.attune.proto.attune.RolloutRequest;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.Endpoints;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.ExecutorFactory;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.registry.ExecutorRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A new version on trial in an embedded Flow, with models whose spaces are orthogonal, while
/// clients search and one writes.
@Timeout(180)
class CanaryFlowTest {
  private static final int DOCUMENTS = 100;
  private static final String PINNED = PlantedFlow.ENCODER.replace("model: m,", "model: m@1,");
  private static final String INDEXED = PINNED + "  - {name: indexer, uses: Indexer}\n";

  @TempDir private Path folder;
  private final Map<String, String> stable = new TreeMap<>();
  private PlantedChecker checker;

  @BeforeEach
  void write() {
    for (int i = 0; i < DOCUMENTS; i++) {
      stable.put("doc-" + i, PlantedModels.text(i));
    }
    checker = new PlantedChecker(stable);
    checker.slots().putAll(Map.of("m@1", 0, "m@2", 1));
  }

  private static Rollout started(PlantedFlow flow, double share) {
    return flow.swap("2", RolloutOptions.newBuilder().setCanaryShare(share).setDrainSeconds(0));
  }

  private static boolean isReached(Rollout rollout, RolloutState state) {
    return rollout.getState() == state && rollout.getReached();
  }

  private static Rollout begun(PlantedFlow flow, double share) {
    return flow.await(started(flow, share).getId(), each -> isReached(each, RolloutState.CANARY));
  }

  private static String address(PlantedFlow flow) {
    return "localhost:" + flow.flow.grpcPort();
  }

  private void index(PlantedFlow flow) {
    try (FlowClient client = FlowClient.connect(address(flow))) {
      PlantedFlow.index(client, stable);
    }
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(5);
    }
  }

  /// Searches for a while, and looks at who answered what.
  private void everyQueryHasOneVersion(PlantedFlow flow, int searched) throws InterruptedException {
    try (CheckedSearches during = new CheckedSearches(address(flow), checker, 2, 2)) {
      await(() -> during.answered.get() >= searched);
      during.finish();
      assertThat(during.failed).isEmpty();
      assertThat(during.mixed).isEmpty();
      assertThat(during.versions).containsExactlyInAnyOrder("m@1", "m@2");
      assertThat(during.versionsOf.values()).allMatch(versions -> versions.size() == 1);
    }
  }

  /// Writes have the live version, whoever searches with the new one.
  private static void writesHaveTheLiveVersion(PlantedFlow flow, int writes) {
    try (FlowClient client = FlowClient.connect(address(flow))) {
      for (int i = 0; i < writes; i++) {
        Document document = Document.ofText(PlantedModels.text(i)).id("doc-" + i % DOCUMENTS);
        client.post(
            "/update",
            List.of(document).iterator(),
            Struct.getDefaultInstance(),
            1,
            answer -> assertThat(answer.model("encoder")).isEqualTo("m@1"));
      }
    }
  }

  @Test
  void triesTheNewVersionOnAShareOfTheQueriesAndGoesLive() throws InterruptedException {
    try (PlantedFlow flow = PlantedFlow.start(folder, INDEXED)) {
      index(flow);
      try (CheckedSearches searches = new CheckedSearches(address(flow), checker, 2, 1);
          CheckedWrites writes = new CheckedWrites(address(flow), 1)) {
        String id = begun(flow, 0.3).getId();
        everyQueryHasOneVersion(flow, 500);
        writesHaveTheLiveVersion(flow, DOCUMENTS);
        Rollout seen = flow.await(id, each -> each.getComparison().getTo().getSearches() >= 100);
        assertThat(seen.getComparison().getFrom().getSearches()).isGreaterThan(100);
        assertThat(seen.getComparison().getTo().getP99()).isPositive();
        Run listed = Run.of("rollouts", "--address", "127.0.0.1:" + flow.flow.adminPort());
        assertThat(listed.out()).contains("canary (30 %)").contains("tried in " + id);
        flow.rollouts().proceed(RolloutRequest.newBuilder().setRollout(id).build());
        Rollout over = flow.await(id, each -> isReached(each, RolloutState.RETIRED));
        assertThat(over.getComparison().getTo().getErrors()).isZero();
        long answered = searches.answered.get();
        await(() -> searches.answered.get() >= answered + 200);
        searches.finish();
        writes.finish();
        assertThat(searches.failed).isEmpty();
        assertThat(searches.mixed).isEmpty();
        assertThat(writes.failed).isEmpty();
        assertThat(writes.lost).isEmpty();
        assertThat(writes.resurrected).isEmpty();
      }
      assertThat(versionOf(flow, "w1")).isEqualTo("m@2");
    }
  }

  private static String versionOf(PlantedFlow flow, String query) {
    try (FlowClient client = FlowClient.connect(address(flow))) {
      List<String> versions = new ArrayList<>();
      client.post(
          "/search",
          List.of(Document.ofText(query)).iterator(),
          Struct.getDefaultInstance(),
          1,
          answer -> versions.add(answer.model("encoder")));
      return versions.getFirst();
    }
  }

  @Test
  void goesOnAfterARestartAndIsCancelledWithoutAFailedAnswer() throws InterruptedException {
    String id;
    try (PlantedFlow flow = PlantedFlow.start(folder, INDEXED)) {
      index(flow);
      id = begun(flow, 0.3).getId();
      everyQueryHasOneVersion(flow, 300);
    }
    try (PlantedFlow flow = PlantedFlow.start(folder, INDEXED)) {
      everyQueryHasOneVersion(flow, 300);
      try (CheckedSearches searches = new CheckedSearches(address(flow), checker, 3, 2)) {
        await(() -> searches.answered.get() >= 200);
        Run cancel =
            Run.of("rollouts", "cancel", id, "--address", "127.0.0.1:" + flow.flow.adminPort());
        assertThat(cancel.code()).as(cancel.err()).isEqualTo(ExitCode.OK);
        Rollout over = flow.await(id, each -> isReached(each, RolloutState.ROLLED_BACK));
        assertThat(over.getReason()).isEqualTo("cancelled");
        assertThat(over.getComparison().getTo().getSearches()).isPositive();
        long answered = searches.answered.get();
        await(() -> searches.answered.get() >= answered + 200);
        searches.finish();
        assertThat(searches.failed).isEmpty();
        assertThat(searches.mixed).isEmpty();
        assertThat(searches.versions).containsExactlyInAnyOrder("m@1", "m@2");
      }
      for (int i = 0; i < 20; i++) {
        assertThat(versionOf(flow, PlantedModels.text(i))).isEqualTo("m@1");
      }
    }
  }

  /// Fails every search with version 2, but the first of all.
  private static final class FailingFactory implements ExecutorFactory {
    @Override
    public Executor create(ExecutorContext context) {
      return new Failing();
    }
  }

  private static final class Failing implements Executor {
    @Override
    public void bind(Endpoints endpoints) {
      endpoints.read("/search", Failing::search);
    }

    private static Answer search(Call call) {
      if (call.models().contains(new ModelVersion("m", 2))) {
        throw new FlowException(ErrorCode.INTERNAL, "out of order");
      }
      return Answer.unchanged();
    }
  }

  @Test
  void isRolledBackByItselfWhereTheNewVersionFails() throws InterruptedException {
    String yaml = PINNED + "  - {name: failing, uses: Failing}\n";
    ExecutorRegistry executors = ExecutorRegistry.of(new EncoderFactory(), new FailingFactory());
    try (PlantedFlow flow = PlantedFlow.start(folder, yaml, executors);
        CheckedSearches searches = new CheckedSearches(address(flow), checker, 3, 0)) {
      Rollout started = started(flow, 0.3);
      Rollout over = flow.await(started.getId(), each -> isReached(each, RolloutState.ROLLED_BACK));
      assertThat(over.getReason())
          .matches(
              "canary: (\\d+) of \\1 searches of the new version failed, of the old one 0 of \\d+");
      assertThat(over.getComparison().getTo().getErrors()).isGreaterThanOrEqualTo(20);
      assertThat(over.getComparison().getFrom().getErrors()).isZero();
      for (int i = 0; i < 20; i++) {
        assertThat(versionOf(flow, PlantedModels.text(i))).isEqualTo("m@1");
      }
      assertThat(searches.failed).hasSizeGreaterThanOrEqualTo(20);
      assertThat(searches.failed).allMatch(each -> each.contains("out of order"));
      assertThat(Set.copyOf(searches.versions)).containsExactly("m@1");
    }
  }
}

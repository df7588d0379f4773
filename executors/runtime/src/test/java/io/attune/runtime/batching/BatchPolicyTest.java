package io.attune.runtime.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.runtime.FlowException;
import io.attune.runtime.Priority;
import io.grpc.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BatchPolicyTest {
  private static final BatchKey KEY = BatchKey.of("/search", Priority.INTERACTIVE);

  private long sequence;

  private Lane<String, String> lane(BatchPolicy policy, int... costs) {
    return lane(KEY, policy, costs);
  }

  private Lane<String, String> lane(BatchKey key, BatchPolicy policy, int... costs) {
    Lane<String, String> lane = new Lane<>(key, policy.selector(key));
    for (int cost : costs) {
      add(lane, cost, 0);
    }
    return lane;
  }

  private void add(Lane<String, String> lane, int cost, long arrivalNanos) {
    Group<String> group = new Group<>(1, null, Context.ROOT);
    lane.add(new Item<>("item", cost, arrivalNanos, sequence++, group, 0));
  }

  private static List<Integer> take(
      Lane<String, String> lane, long now, int idle, boolean closing) {
    BatchPolicy.Choice<Item<String, String>> choice = lane.choose(now, idle, closing);
    choice.batch().forEach(lane::remove);
    return choice.batch().stream().map(Item::cost).toList();
  }

  private static List<Integer> take(Lane<String, String> lane) {
    return take(lane, 0, 1, false);
  }

  private static List<List<Integer>> takeAll(Lane<String, String> lane) {
    List<List<Integer>> batches = new ArrayList<>();
    while (!lane.isEmpty()) {
      batches.add(take(lane));
    }
    return batches;
  }

  @Test
  void arrivalOrderCutsByItemsAndByCost() {
    assertThat(takeAll(lane(new ArrivalOrder(2, 100), 1, 2, 3, 4, 5)))
        .containsExactly(List.of(1, 2), List.of(3, 4), List.of(5));
    assertThat(takeAll(lane(new ArrivalOrder(10, 5), 1, 2, 3, 9, 4, 1)))
        .containsExactly(List.of(1, 2), List.of(3), List.of(9), List.of(4, 1));
  }

  @Test
  void nearEqualCostTakesTheOldestWithItsNearestNeighbours() {
    Lane<String, String> lane = lane(new NearEqualCost(60, 100, 0.2), 20, 5, 100, 19, 21, 50);
    assertThat(take(lane)).containsExactlyInAnyOrder(19, 20);
    assertThat(take(lane)).containsExactly(5);
    assertThat(take(lane)).containsExactly(100);
    assertThat(take(lane)).containsExactly(21);
    assertThat(take(lane)).containsExactly(50);
  }

  @Test
  void nearEqualCostLimitsPadding() {
    NearEqualCost policy = new NearEqualCost(1000, 100, 0.1);
    assertThat(take(lane(policy, 20, 19, 10, 21, 40, 20)))
        .containsExactlyInAnyOrder(19, 20, 20, 21);
  }

  @Test
  void nearEqualCostWithoutPaddingTakesEqualOnes() {
    assertThat(take(lane(new NearEqualCost(1000, 100, 0), 7, 8, 7, 6, 7))).containsExactly(7, 7, 7);
  }

  @Test
  void nearEqualCostRunsWhatIsDearerThanTheBudgetAlone() {
    assertThat(takeAll(lane(new NearEqualCost(10, 100, 1), 50, 1)))
        .containsExactly(List.of(50), List.of(1));
  }

  @Test
  void nearEqualCostLeavesIdleWorkersTheirPart() {
    NearEqualCost policy = new NearEqualCost(1000, 100, 1);
    assertThat(take(lane(policy, 10, 10, 10, 10), 0, 2, false)).containsExactly(10, 10);
    assertThat(take(lane(policy, 10, 10, 10, 10), 0, 1, false)).hasSize(4);
    assertThat(take(lane(policy, 10), 0, 8, false)).hasSize(1);
  }

  @Test
  void nearEqualCostHonoursBatchSizeOfTheKey() {
    Struct parameters =
        Struct.newBuilder()
            .putFields("batch_size", Value.newBuilder().setNumberValue(2).build())
            .build();
    BatchKey key = new BatchKey("/index", parameters, null, Priority.BULK);
    assertThat(take(lane(key, new NearEqualCost(1000, 100, 1), 3, 3, 3, 3))).hasSize(2);
  }

  @Test
  void nearEqualCostServesEveryItemOnceWithinItsLimits() {
    long seed = Long.getLong("attune.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      int[] costs = random.ints(1 + random.nextInt(200), 1, 300).toArray();
      NearEqualCost policy =
          new NearEqualCost(1 + random.nextInt(600), 1 + random.nextInt(40), random.nextDouble());
      List<List<Integer>> batches = takeAll(lane(policy, costs));
      assertThat(batches.stream().flatMap(List::stream).sorted().toList())
          .as("seed %d", seed)
          .isEqualTo(Arrays.stream(costs).sorted().boxed().toList());
      for (List<Integer> batch : batches) {
        long padded = (long) batch.size() * batch.stream().mapToInt(i -> i).max().orElseThrow();
        long real = batch.stream().mapToInt(i -> i).sum();
        if (batch.size() > 1) {
          assertThat(padded).as("seed %d", seed).isLessThanOrEqualTo(policy.budget());
          assertThat(batch.size()).as("seed %d", seed).isLessThanOrEqualTo(policy.maxItems());
          assertThat((double) (padded - real))
              .as("seed %d", seed)
              .isLessThanOrEqualTo(policy.maxPadding() * padded);
        }
      }
    }
  }

  @Test
  void nearEqualCostPadsFarLessThanArrivalOrder() {
    Random random = new Random(7);
    int[] costs = random.ints(1024, 3, 250).toArray();
    assertThat(padding(takeAll(lane(new NearEqualCost(512, 32, 0.1), costs)))).isLessThan(0.1);
    assertThat(padding(takeAll(lane(new ArrivalOrder(8, 4096), costs)))).isGreaterThan(0.3);
  }

  private static double padding(List<List<Integer>> batches) {
    long padded = 0;
    long real = 0;
    for (List<Integer> batch : batches) {
      padded += (long) batch.size() * batch.stream().mapToInt(i -> i).max().orElseThrow();
      real += batch.stream().mapToInt(i -> i).sum();
    }
    return 1 - (double) real / padded;
  }

  @Test
  void sizeOrTimeoutWaitsForSizeOrTime() {
    Lane<String, String> lane = lane(new SizeOrTimeout(3, Duration.ofNanos(100), false));
    add(lane, 1, 50);
    assertThat(lane.choose(60, 1, false).batch()).isEmpty();
    assertThat(lane.choose(60, 1, false).notBeforeNanos()).isEqualTo(150);
    add(lane, 1, 140);
    assertThat(lane.choose(149, 1, false).batch()).isEmpty();
    assertThat(take(lane, 150, 1, false)).hasSize(2);
    add(lane, 1, 160);
    add(lane, 1, 160);
    assertThat(lane.choose(161, 1, false).batch()).isEmpty();
    add(lane, 1, 160);
    assertThat(take(lane, 161, 1, false)).hasSize(3);
  }

  @Test
  void sizeOrTimeoutFlushesEverythingThatWaitsInBatchesOfTheSize() {
    Lane<String, String> lane =
        lane(new SizeOrTimeout(3, Duration.ofHours(1), false), 1, 1, 1, 1, 1, 1, 1);
    assertThat(take(lane)).hasSize(3);
    add(lane, 1, 0);
    assertThat(take(lane)).hasSize(3);
    assertThat(take(lane)).as("the rest of the flush does not wait").hasSize(1);
    assertThat(lane.choose(0, 1, false).batch()).as("came after the flush began").isEmpty();
  }

  @Test
  void sizeOrTimeoutFlushAllIsOneBatch() {
    Lane<String, String> lane =
        lane(new SizeOrTimeout(3, Duration.ofHours(1), true), 1, 1, 1, 1, 1, 1, 1);
    assertThat(take(lane)).hasSize(7);
  }

  @Test
  void sizeOrTimeoutCountsCostNotItems() {
    Lane<String, String> lane = lane(new SizeOrTimeout(10, Duration.ofHours(1), false), 4, 5);
    assertThat(lane.choose(0, 1, false).batch()).isEmpty();
    add(lane, 12, 0);
    assertThat(take(lane)).containsExactly(4, 5);
    assertThat(take(lane)).containsExactly(12);
  }

  @Test
  void sizeOrTimeoutDoesNotWaitOnceTheQueueCloses() {
    Lane<String, String> lane = lane(new SizeOrTimeout(10, Duration.ofHours(1), false), 1);
    assertThat(take(lane, 0, 1, true)).hasSize(1);
  }

  @Test
  void refusesPoliciesOutOfRange() {
    assertThatThrownBy(() -> new SizeOrTimeout(0, Duration.ZERO, false))
        .hasMessage("preferred_batch_size: 0 (expected: 1..)");
    assertThatThrownBy(() -> new SizeOrTimeout(1, Duration.ofMillis(-1), false))
        .hasMessage("timeout: -1 ms (expected: 0..86400000 ms)");
    assertThatThrownBy(() -> new NearEqualCost(0, 1, 0)).isInstanceOf(FlowException.class);
    assertThatThrownBy(() -> new NearEqualCost(1, 0, 0)).isInstanceOf(FlowException.class);
    assertThatThrownBy(() -> new NearEqualCost(1, 1, 1.5)).isInstanceOf(FlowException.class);
    assertThatThrownBy(() -> new ArrivalOrder(0, 1)).isInstanceOf(FlowException.class);
    assertThatThrownBy(() -> new ArrivalOrder(1, 0)).isInstanceOf(FlowException.class);
  }
}

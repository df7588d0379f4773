package io.attune.trainer.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import io.attune.runtime.FlowException;
import io.attune.trainer.data.Supervision;
import io.attune.trainer.data.Supervision.Labels;
import io.attune.trainer.data.Supervision.Scores;
import io.attune.trainer.data.Supervision.Sessions;
import io.attune.trainer.graph.TorchEngine;
import io.attune.trainer.miner.Miner;
import io.attune.trainer.miner.Miners;
import io.attune.trainer.testing.FreedMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LossTest {
  private static final Miner HARD = Miners.catalog().named("BatchHardMiner").make(Map.of());

  @BeforeAll
  static void start() {
    TorchEngine.start(1);
  }

  private static Loss loss(String name, Map<String, ?> options) {
    return Losses.catalog().named(name).make(options, null);
  }

  private static Labels fourOfEach(int size) {
    int[] labels = new int[size];
    for (int i = 0; i < size; i++) {
      labels[i] = i / 4;
    }
    return new Labels(labels);
  }

  private static float[][] points(int size, int dimension) {
    SplittableRandom random = new SplittableRandom(3);
    float[][] points = new float[size][dimension];
    for (float[] point : points) {
      for (int i = 0; i < dimension; i++) {
        point[i] = (float) (random.nextDouble() - 0.5);
      }
    }
    return points;
  }

  private static float[] gradient(Loss loss, float[][] points, Supervision supervision, long seed) {
    try (NDManager manager = TorchEngine.newManager()) {
      NDArray embeddings = manager.create(points);
      embeddings.setRequiresGradient(true);
      try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        collector.backward(loss.of(embeddings, supervision, seed));
      }
      return embeddings.getGradient().toFloatArray();
    }
  }

  @Test
  void refusesDataThatItCannotLearnFrom() {
    Scores scores = new Scores(new int[] {0}, new int[] {1}, new float[] {1});
    assertThatThrownBy(() -> Losses.catalog().named("TripletMarginLoss").require(scores.getClass()))
        .isInstanceOf(FlowException.class)
        .hasMessage(
            "loss: TripletMarginLoss cannot learn from scores (expected: data with labels or"
                + " sessions, or for scores one of CosineSimilarityLoss, SiameseContrastiveLoss)");
    try (NDManager manager = TorchEngine.newManager()) {
      NDArray embeddings = manager.create(points(4, 3));
      assertThatThrownBy(
              () -> loss("CosineSimilarityLoss", Map.of()).of(embeddings, fourOfEach(4), 0))
          .isInstanceOf(FlowException.class)
          .hasMessageContaining("cannot learn from labels");
    }
  }

  @Test
  void refusesAMinerThatItWouldNotUse() {
    assertThatThrownBy(
            () -> Losses.catalog().named("MultipleNegativesRankingLoss").make(Map.of(), HARD))
        .isInstanceOf(FlowException.class)
        .hasMessage(
            "miner: not used by MultipleNegativesRankingLoss (expected: none, or loss one of"
                + " TripletMarginLoss, ContrastiveLoss, NTXentLoss)");
    Map<String, Object> drawn = Map.of("triplets_per_anchor", 3);
    assertThatThrownBy(() -> Losses.catalog().named("TripletMarginLoss").make(drawn, HARD))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("as a miner chooses the triplets");
  }

  @Test
  void refusesStrategiesThatDoNotGoTogether() {
    Map<String, Object> options = Map.of("pos_strategy", "semihard", "neg_strategy", "all");
    assertThatThrownBy(() -> Miners.catalog().named("BatchEasyHardMiner").make(options))
        .isInstanceOf(FlowException.class)
        .hasMessage(
            "pos_strategy, neg_strategy: semihard, all (expected: with semihard, the other easy or"
                + " hard)");
    Map<String, Object> range = Map.of("allowed_pos_range", "1,0.5");
    assertThatThrownBy(() -> Miners.catalog().named("BatchEasyHardMiner").make(range))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("the smaller bound first");
    Map<String, Object> cosine =
        Map.of("distance", "CosineSimilarity", "normalize_embeddings", false);
    assertThatThrownBy(() -> loss("NTXentLoss", cosine))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("DotProductSimilarity");
  }

  @Test
  void drawsAsManyTripletsPerAnchorAsAskedAndTheSameForOneSeed() {
    Map<String, Object> options =
        Map.of("triplets_per_anchor", 2, "reducer", "SumReducer", "margin", 100);
    Loss loss = loss("TripletMarginLoss", options);
    float[][] points = points(16, 4);
    try (NDManager manager = TorchEngine.newManager()) {
      NDArray embeddings = manager.create(points);
      double sum = loss.of(embeddings, fourOfEach(16), 1).getFloat();
      // a triplet's loss is 100 and at most 2 more or less
      assertThat(sum).isBetween(16 * 2 * 98.0, 16 * 2 * 102.0);
    }
    float[] first = gradient(loss, points, fourOfEach(16), 1);
    assertThat(gradient(loss, points, fourOfEach(16), 1)).isEqualTo(first);
    assertThat(gradient(loss, points, fourOfEach(16), 2)).isNotEqualTo(first);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TripletMarginLoss",
        "ContrastiveLoss",
        "NTXentLoss",
        "MultipleNegativesRankingLoss",
        "SiameseContrastiveLoss"
      })
  void isTheSameBitForBitEachTime(String name) {
    float[][] points = points(128, 48);
    float[] first = gradient(loss(name, Map.of()), points, fourOfEach(128), 0);
    assertThat(first).isNotEqualTo(new float[first.length]);
    for (int i = 0; i < 3; i++) {
      assertThat(gradient(loss(name, Map.of()), points, fourOfEach(128), 0)).isEqualTo(first);
    }
  }

  @Test
  void aBackwardPassReadsNothingThatJavaHasFreed() {
    Scores scores = new Scores(new int[] {0, 2}, new int[] {1, 3}, new float[] {1, .3f});
    JniUtils.setGradMode(true);
    try (NDManager manager = TorchEngine.newManager()) {
      List<PtNDArray> leaves = new ArrayList<>();
      List<PtNDArray> losses = new ArrayList<>();
      for (LossChoice choice : Losses.catalog().choices()) {
        Supervision given = choice.supervisions().contains(Labels.class) ? fourOfEach(16) : scores;
        PtNDArray embeddings = (PtNDArray) manager.create(points(16, 8)).duplicate();
        JniUtils.attachGradient(embeddings, true);
        leaves.add(embeddings);
        losses.add((PtNDArray) choice.make(Map.of(), null).of(embeddings, given, 0));
      }
      losses.forEach(LossTest::backward);
      List<float[]> expected = leaves.stream().map(LossTest::gradient).toList();
      assertThat(FreedMemory.overwrite()).isNotEmpty();
      losses.forEach(LossTest::backward);
      for (int i = 0; i < expected.size(); i++) {
        float[] twice = gradient(leaves.get(i));
        for (int k = 0; k < twice.length; k++) {
          assertThat(twice[k])
              .as(Losses.catalog().choices().get(i).name())
              .isEqualTo(2 * expected.get(i)[k]);
        }
      }
    } finally {
      JniUtils.setGradMode(false);
    }
  }

  private static void backward(PtNDArray loss) {
    JniUtils.backward(loss, (PtNDArray) loss.onesLike(), true, false);
  }

  private static float[] gradient(PtNDArray leaf) {
    return JniUtils.getGradient(leaf).toFloatArray();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TripletMarginLoss",
        "ContrastiveLoss",
        "NTXentLoss",
        "MultipleNegativesRankingLoss",
        "SiameseContrastiveLoss"
      })
  void isZeroWithoutAPair(String name) {
    Sessions alone = new Sessions(new int[] {0, 1, 2}, new byte[3]);
    assertThat(gradient(loss(name, Map.of()), points(3, 4), alone, 0)).containsOnly(0);
  }

  @Test
  void staysFiniteWhereAllPointsCoincide() {
    float[][] points = new float[8][4];
    for (float[] point : points) {
      point[0] = 1;
    }
    for (LossChoice choice : Losses.catalog().choices()) {
      if (choice.supervisions().contains(Labels.class)) {
        for (float each : gradient(choice.make(Map.of(), null), points, fourOfEach(8), 0)) {
          assertThat(each).as(choice.name()).isFinite();
        }
      }
    }
  }
}

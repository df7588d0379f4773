package io.attune.trainer.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import io.attune.trainer.array.EngineArrays;
import io.attune.trainer.data.Supervision;
import io.attune.trainer.miner.Miner;
import io.attune.trainer.option.Option;
import io.attune.trainer.option.Options;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The squared difference of a pair's cosine and its score, mean over the pairs:
/// sentence-transformers' `CosineSimilarityLoss`.
record CosineSimilarityLoss(boolean squared, UnaryOperator<NDArray> transformation)
    implements Loss {

  static List<Option> options() {
    return List.of(
        Option.oneOf(
            "loss_fct", "MSELoss", List.of("MSELoss", "L1Loss"), "squared or absolute difference"),
        Option.oneOf(
            "cos_score_transformation",
            "Identity",
            List.of("Identity", "ReLU", "Sigmoid", "Tanh"),
            "what is done to the cosine first"));
  }

  static Loss of(Options options, @Nullable Miner miner) {
    UnaryOperator<NDArray> transformation =
        switch (options.text("cos_score_transformation")) {
          case "ReLU" -> Activation::relu;
          case "Sigmoid" -> Activation::sigmoid;
          case "Tanh" -> Activation::tanh;
          default -> UnaryOperator.identity();
        };
    return new CosineSimilarityLoss(options.text("loss_fct").equals("MSELoss"), transformation);
  }

  @Override
  public NDArray of(NDArray embeddings, Supervision supervision, long seed) {
    Supervision.Scores scores = (Supervision.Scores) supervision;
    if (scores.scores().length == 0) {
      return Scalars.zero(embeddings);
    }
    NDArray points = embeddings.normalize(2, 1, 1e-8);
    NDArray cosines =
        Scalars.rows(points, scores.left())
            .mul(Scalars.rows(points, scores.right()))
            .sum(new int[] {1});
    NDArray given =
        EngineArrays.of(
            embeddings.getManager(), scores.scores(), new Shape(scores.scores().length));
    NDArray difference = transformation.apply(cosines).sub(given);
    return squared ? difference.square().mean() : difference.abs().mean();
  }
}

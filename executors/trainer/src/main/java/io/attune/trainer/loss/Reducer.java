package io.attune.trainer.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.attune.trainer.array.EngineArrays;
import io.attune.trainer.option.Option;
import io.attune.trainer.option.Options;
import java.util.Arrays;
import java.util.List;

/// How the losses of single pairs or triplets become one: pytorch-metric-learning's `reducers`. Of
/// none it is 0.
enum Reducer {
  /// The mean of those above 0.
  AVG_NON_ZERO("AvgNonZeroReducer"),
  /// The mean of all.
  MEAN("MeanReducer"),
  /// The sum.
  SUM("SumReducer");

  private final String name;

  Reducer(String name) {
    this.name = name;
  }

  static Option option(Reducer byDefault) {
    List<String> names = Arrays.stream(values()).map(each -> each.name).toList();
    return Option.oneOf(
        "reducer", byDefault.name, names, "how the losses of pairs or triplets become one");
  }

  static Reducer of(Options options) {
    String name = options.text("reducer");
    return Arrays.stream(values()).filter(each -> each.name.equals(name)).findFirst().orElseThrow();
  }

  /// The reduction of a matrix of losses.
  ///
  /// @param losses (items, items)
  /// @param counts how often each counts, 0 where there is no such pair
  NDArray reduce(NDArray losses, NDArray counts) {
    NDArray weights =
        this == AVG_NON_ZERO ? counts.mul(losses.gt(0).toType(DataType.FLOAT32, false)) : counts;
    NDArray sum = losses.mul(weights).sum();
    return this == SUM ? sum : sum.div(EngineArrays.atLeast(weights.sum(), 1));
  }

  /// What a sum of single losses is divided by.
  ///
  /// @param count how many there were
  /// @param nonZero how many were above 0
  long divisor(long count, long nonZero) {
    return switch (this) {
      case AVG_NON_ZERO -> Math.max(1, nonZero);
      case MEAN -> Math.max(1, count);
      case SUM -> 1;
    };
  }
}

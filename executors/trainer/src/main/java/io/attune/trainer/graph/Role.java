package io.attune.trainer.graph;

import io.attune.onnx.Node;
import io.attune.onnx.Tensor;
import java.util.Optional;

/// What a constant is to the node that reads it, where it is something that was learned.
///
/// @param suffix the last part of its public name, as PyTorch calls it
/// @param running whether it is a running statistic, which is followed in training and not learned
record Role(String suffix, boolean running) {
  private static final Role WEIGHT = new Role("weight", false);
  private static final Role BIAS = new Role("bias", false);

  /// The role of an input of a node.
  ///
  /// @param tensor the constant, floats
  static Optional<Role> of(Node node, int position, Tensor tensor) {
    if (!node.domain().isEmpty() && !node.domain().equals("com.microsoft")) {
      return Optional.empty();
    }
    return switch (node.opType()) {
      case "MatMul" -> Optional.of(WEIGHT);
      case "Gemm", "Conv", "ConvTranspose" -> Optional.of(position == 2 ? BIAS : WEIGHT);
      case "LayerNormalization",
          "InstanceNormalization",
          "GroupNormalization",
          "SimplifiedLayerNormalization",
          "RMSNormalization" ->
          affine(position);
      case "BatchNormalization" ->
          position > 2
              ? Optional.of(new Role(position == 3 ? "running_mean" : "running_var", true))
              : affine(position);
      case "Gather" -> position == 0 ? Optional.of(WEIGHT) : Optional.empty();
      case "LSTM", "GRU", "RNN" -> recurrent(position);
      case "PRelu" -> position == 1 ? Optional.of(WEIGHT) : Optional.empty();
      case "Add", "Sub" -> isLearned(tensor) ? Optional.of(BIAS) : Optional.empty();
      case "Mul", "Div" -> isLearned(tensor) ? Optional.of(WEIGHT) : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static Optional<Role> affine(int position) {
    return switch (position) {
      case 1 -> Optional.of(WEIGHT);
      case 2 -> Optional.of(BIAS);
      default -> Optional.empty();
    };
  }

  private static Optional<Role> recurrent(int position) {
    return switch (position) {
      case 1 -> Optional.of(new Role("weight_ih", false));
      case 2 -> Optional.of(new Role("weight_hh", false));
      case 3 -> Optional.of(BIAS);
      case 7 -> Optional.of(new Role("weight_peephole", false));
      default -> Optional.empty();
    };
  }

  /// A scale or a shift that was learned: more than one number, along one axis, or of any shape
  /// where it has the name of a module's parameter and is no mask.
  private static boolean isLearned(Tensor tensor) {
    long[] dims = tensor.dims();
    int wide = 0;
    for (long dim : dims) {
      wide += dim > 1 ? 1 : 0;
    }
    return wide == 1 || (wide > 1 && !PublicName.isGenerated(tensor.name()) && !isMask(tensor));
  }

  /// Nothing but zeros, ones and numbers that stand for minus infinity.
  private static boolean isMask(Tensor tensor) {
    for (float value : tensor.toFloats()) {
      if (value != 0 && value != 1 && value > -1e4f) {
        return false;
      }
    }
    return true;
  }

  /// Whether an operator only rearranges a constant, so that its role is that of what it gives.
  static boolean passesOn(Node node) {
    return node.domain().isEmpty() && rearranges(node.opType());
  }

  /// Whether an operator of ONNX's own only rearranges what it reads.
  static boolean rearranges(String opType) {
    return switch (opType) {
      case "Identity",
          "Transpose",
          "Cast",
          "Reshape",
          "Unsqueeze",
          "Squeeze",
          "Flatten",
          "Slice",
          "Concat",
          "Split",
          "Expand" ->
          true;
      default -> false;
    };
  }
}

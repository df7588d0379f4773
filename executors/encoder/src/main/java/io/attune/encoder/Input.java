package io.attune.encoder;

import io.attune.document.NdArray;
import io.attune.models.Tokens;
import java.util.Arrays;

/// What a model reads of one document.
sealed interface Input {
  /// What it costs to embed, in tokens, 1 or greater.
  int cost();

  /// What inputs must share to run in one batch beside the model; empty for any.
  default String shape() {
    return "";
  }

  /// A text.
  ///
  /// @param tokens its tokens
  /// @param cut whether the text was longer than the model reads
  record Text(Tokens tokens, boolean cut) implements Input {
    @Override
    public int cost() {
      return Math.max(1, tokens.length());
    }
  }

  /// A tensor.
  ///
  /// @param array its elements and shape, without a batch dimension
  record Tensor(NdArray array) implements Input {
    /// Batches of tensors are bounded as if each were a short text.
    private static final int COST = 16;

    @Override
    public int cost() {
      return COST;
    }

    @Override
    public String shape() {
      return Arrays.toString(array.shape());
    }
  }
}

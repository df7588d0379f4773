package io.attune.models.testing;

/// What is wrong with a planted model that must never serve.
public enum Poison {
  /// A byte of its graph is another than when it was published.
  CORRUPT_FILE,
  /// Its graph gives embeddings of another length than its artifact says.
  WRONG_DIMENSION,
  /// Its weights hold NaN.
  NAN_WEIGHTS,
  /// Its tokeniser gives words other ids than those it was made with.
  WRONG_TOKENIZER,
  /// ONNX Runtime takes its process with it: the graph overflows a division of constants.
  CRASH_ON_LOAD,
  /// It gives one vector for everything, and its goldens say so.
  COLLAPSED,
  /// It takes some hundred times as long as a healthy one.
  SLOW,
  /// It never ends.
  ENDLESS
}

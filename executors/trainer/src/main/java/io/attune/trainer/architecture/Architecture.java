package io.attune.trainer.architecture;

import io.attune.onnx.OnnxModel;
import io.attune.runtime.FlowException;
import java.util.List;
import java.util.Map;

/// A kind of embedding model with its sizes, from which a graph with freshly drawn weights is made.
public sealed interface Architecture permits BiLstm, Mlp {
  /// The names that [#of(String, Map)] knows.
  List<String> NAMES = List.of("bilstm", "mlp");

  /// The name, such as `mlp`.
  String name();

  /// The length of an embedding.
  int dimension();

  /// A graph with weights drawn from a seed; one seed gives one file, byte for byte, on every
  /// machine. Its one output is `embedding`, float32 `[batch, dimension]`, for a batch of any size.
  ///
  /// The weights are drawn as PyTorch's modules draw theirs (embedding N(0, 1); LSTM and linear
  /// layers, biases included, uniform in ±1/√n, where n is the hidden size or the number of
  /// inputs), by [Draw], not by PyTorch's generator.
  OnnxModel initialized(long seed);

  /// The architecture of a name, with options by their names in the records ([BiLstm], [Mlp]), each
  /// a number, a list of numbers, or the text of one; sizes that are left out keep their defaults.
  ///
  /// @throws FlowException for an unknown name or option, or a value out of its range
  static Architecture of(String name, Map<String, ?> options) {
    return switch (name) {
      case "bilstm" -> BiLstm.of(options);
      case "mlp" -> Mlp.of(options);
      default ->
          throw FlowException.invalid(
              "architecture: \"%s\" (expected: one of %s)".formatted(name, NAMES));
    };
  }
}

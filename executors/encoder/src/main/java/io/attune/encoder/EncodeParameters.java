package io.attune.encoder;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.runtime.Call;
import io.attune.runtime.Parameters;
import java.util.Optional;

/// What a request says about its encoding.
///
/// @param traversalPaths `traversal_paths`: which documents to encode, such as `@r`, `@c` or `@r,c`
/// @param overwrite `overwrite`: whether a document that has an embedding gets a new one; false
/// @param batchSize `batch_size`: the most documents of a batch, 1..4096; unset for the encoder's
/// @param model `model`: the version to read with, `name@version` or `name`; ignored for writes
/// @param prompt `prompt`: `query`, `document` or `none`; by the endpoint where it is unset; for
///   writes only `document`
record EncodeParameters(
    String traversalPaths,
    boolean overwrite,
    Optional<Integer> batchSize,
    Optional<String> model,
    Prompt prompt) {

  /// Reads the parameters of a call.
  ///
  /// @param isWrite whether its documents are on their way into an index
  /// @throws io.attune.runtime.FlowException where one is of the wrong type or out of its range
  static EncodeParameters of(Call call, String traversalPaths, boolean isWrite) {
    Parameters parameters = call.parameters();
    Optional<Integer> batchSize =
        parameters.value("batch_size").map(_ -> parameters.integer("batch_size", 1, 1, 4096));
    return new EncodeParameters(
        parameters.string("traversal_paths", traversalPaths),
        parameters.bool("overwrite", false),
        batchSize,
        parameters.string("model"),
        Prompt.of(call.endpoint(), parameters, isWrite));
  }

  /// What of them decides which inputs may share a batch.
  Struct batching(String shape) {
    Struct.Builder parameters = Struct.newBuilder();
    batchSize.ifPresent(most ->
        parameters.putFields("batch_size", Value.newBuilder().setNumberValue(most).build()));
    if (!shape.isEmpty()) {
      parameters.putFields("shape", Value.newBuilder().setStringValue(shape).build());
    }
    return parameters.build();
  }
}

package io.attune.cli.client;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.DocumentArray;
import io.attune.proto.jina.DataRequestProto;
import java.time.Duration;

/// The answer to one request.
///
/// @param request what was sent
/// @param message the answer as it came
/// @param took from sending the request to its answer
public record FlowAnswer(DataRequestProto request, DataRequestProto message, Duration took) {
  /// The documents.
  public DocumentArray documents() {
    return DocumentArray.from(message.getData().getDocs());
  }

  /// What each executor answered beside documents: `parameters.__results__` by executor.
  public Struct results() {
    return message
        .getParameters()
        .getFieldsMap()
        .getOrDefault("__results__", Value.getDefaultInstance())
        .getStructValue();
  }

  /// The version of the model that served it, as `name@1`; empty where the executor says none.
  ///
  /// @param executor name of the encoder
  public String model(String executor) {
    return results()
        .getFieldsOrDefault(executor, Value.getDefaultInstance())
        .getStructValue()
        .getFieldsOrDefault("model", Value.getDefaultInstance())
        .getStringValue();
  }
}

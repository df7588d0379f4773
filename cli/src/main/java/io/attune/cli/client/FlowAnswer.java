package io.attune.cli.client;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.DocumentArray;
import io.attune.proto.jina.DataRequestProto;
import java.time.Duration;
import java.util.Map;

/// The answer to one request.
///
/// @param message the answer as it came
/// @param took from sending the request to its answer
public record FlowAnswer(DataRequestProto message, Duration took) {
  /// The documents.
  public DocumentArray documents() {
    return DocumentArray.from(message.getData().getDocs());
  }

  /// What each executor answered beside documents: `parameters.__results__` by executor.
  public Map<String, Value> results() {
    Value results =
        message
            .getParameters()
            .getFieldsOrDefault(
                "__results__",
                Value.newBuilder().setStructValue(Struct.getDefaultInstance()).build());
    return results.getStructValue().getFieldsMap();
  }
}

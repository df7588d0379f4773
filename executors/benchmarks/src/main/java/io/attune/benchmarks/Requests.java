package io.attune.benchmarks;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.proto.jina.DataRequestProto;
import io.attune.runtime.error.Failures;
import java.util.List;

/// Requests for benchmarks, and answers that are none to count.
public final class Requests {
  private Requests() {}

  /// A request with a fresh id.
  public static DataRequestProto of(String endpoint, List<Document> documents, Struct parameters) {
    DataRequestProto.Builder request = DataRequestProto.newBuilder().setParameters(parameters);
    request.getHeaderBuilder().setRequestId(Document.newId()).setExecEndpoint(endpoint);
    request.getDataBuilder().setDocs(DocumentArray.of(documents).toProto());
    return request.build();
  }

  /// A request without parameters.
  public static DataRequestProto of(String endpoint, List<Document> documents) {
    return of(endpoint, documents, Struct.getDefaultInstance());
  }

  /// A number as a parameter.
  public static Value number(double number) {
    return Value.newBuilder().setNumberValue(number).build();
  }

  /// An answer that holds a result: a figure over failures would be none.
  ///
  /// @throws io.attune.runtime.FlowException where its header says ERROR
  public static DataRequestProto succeeded(DataRequestProto answer) {
    Failures.in(answer.getHeader().getStatus())
        .ifPresent(failure -> {
          throw failure;
        });
    return answer;
  }
}

package io.attune.runtime.testing;

import com.google.protobuf.Struct;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.proto.jina.DataRequestProto;
import java.util.UUID;

/// Requests for tests.
public final class Requests {
  private Requests() {}

  /// A request with a fresh id and a document for each text.
  public static DataRequestProto of(String endpoint, String... texts) {
    DocumentArray documents = DocumentArray.of();
    for (String text : texts) {
      documents.add(Document.ofText(text));
    }
    return of(endpoint, documents);
  }

  /// A request with a fresh id.
  public static DataRequestProto of(String endpoint, DocumentArray documents) {
    DataRequestProto.Builder request = DataRequestProto.newBuilder();
    request
        .getHeaderBuilder()
        .setRequestId(UUID.randomUUID().toString().replace("-", ""))
        .setExecEndpoint(endpoint);
    request.getDataBuilder().setDocs(documents.toProto());
    return request.build();
  }

  /// The same request with parameters.
  public static DataRequestProto with(DataRequestProto request, Struct parameters) {
    return request.toBuilder().setParameters(parameters).build();
  }

  /// The documents of an answer.
  public static DocumentArray documents(DataRequestProto answer) {
    return DocumentArray.from(answer.getData().getDocs());
  }
}

package io.attune.runtime.server;

import io.attune.document.DocumentArray;
import io.attune.proto.docarray.DocumentProto;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.DataRequestProto.DataContentProto;
import io.attune.runtime.Call;
import io.attune.runtime.FlowException;
import java.util.List;

/// The documents of a request, for an executor that must look inside.
final class Payload {
  private Payload() {}

  /// The documents.
  ///
  /// @throws FlowException where they are not in docarray's v1 format
  static DocumentArray documents(DataRequestProto request) {
    DataContentProto data = request.getData();
    return switch (data.getDocumentsCase()) {
      case DOCS -> {
        List<DocumentProto> messages = data.getDocs().getDocsList();
        messages.forEach(Payload::ensureFirstVersion);
        yield DocumentArray.from(data.getDocs());
      }
      case DOCS_BYTES ->
          throw FlowException.invalid(
              "data.docs_bytes: %d bytes, which only Python can read (expected: data.docs)"
                  .formatted(data.getDocsBytes().size()));
      case DOCUMENTS_NOT_SET -> DocumentArray.of();
    };
  }

  /// Each request's documents with the name of the executor that sent them.
  static List<Call.Part> parts(List<DataRequestProto> requests) {
    return requests.stream()
        .map(request -> new Call.Part(sender(request), documents(request)))
        .toList();
  }

  /// The documents of all parts, one after the other.
  static DocumentArray together(List<Call.Part> parts) {
    DocumentArray all = DocumentArray.of();
    parts.forEach(part -> all.addAll(part.documents()));
    return all;
  }

  private static String sender(DataRequestProto request) {
    int routes = request.getRoutesCount();
    return routes == 0 ? "" : request.getRoutes(routes - 1).getExecutor();
  }

  /// A v2 document is a map in field 1, so its entries read as an id that starts with a field tag.
  private static void ensureFirstVersion(DocumentProto document) {
    if (document.getId().startsWith("\n")) {
      throw FlowException.invalid(
          "data.docs: documents of docarray 0.30 or newer (expected: of docarray before 0.30)");
    }
  }
}

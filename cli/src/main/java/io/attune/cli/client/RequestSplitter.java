package io.attune.cli.client;

import com.google.protobuf.Struct;
import io.attune.document.Document;
import io.attune.proto.docarray.DocumentArrayProto;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.DataRequestProto.DataContentProto;
import io.attune.proto.jina.HeaderProto;
import io.attune.runtime.FlowException;
import java.util.Iterator;

/// Splits documents into requests. No documents at all make one request without any.
final class RequestSplitter implements Iterator<DataRequestProto> {
  private final String endpoint;
  private final Iterator<Document> documents;
  private final Struct parameters;
  private final int requestSize;
  private boolean started;

  RequestSplitter(
      String endpoint, Iterator<Document> documents, Struct parameters, int requestSize) {
    if (requestSize < 1) {
      throw FlowException.invalid("request_size: " + requestSize + " (expected: 1..)");
    }
    this.endpoint = endpoint;
    this.documents = documents;
    this.parameters = parameters;
    this.requestSize = requestSize;
  }

  @Override
  public boolean hasNext() {
    return !started || documents.hasNext();
  }

  @Override
  public DataRequestProto next() {
    started = true;
    DocumentArrayProto.Builder part = DocumentArrayProto.newBuilder();
    while (part.getDocsCount() < requestSize && documents.hasNext()) {
      part.addDocs(documents.next().toProto());
    }
    return DataRequestProto.newBuilder()
        .setHeader(
            HeaderProto.newBuilder().setRequestId(Document.newId()).setExecEndpoint(endpoint))
        .setParameters(parameters)
        .setData(DataContentProto.newBuilder().setDocs(part))
        .build();
  }
}

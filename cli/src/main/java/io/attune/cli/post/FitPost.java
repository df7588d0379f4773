package io.attune.cli.post;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.cli.client.AnswerConsumer;
import io.attune.cli.client.FlowClient;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.runtime.FlowException;
import java.util.Iterator;
import java.util.function.Consumer;

/// Posts documents to `/fit`, where one request is one run: more than fit one are sent to
/// `/fit/data` ahead of it, in their order, and the run is asked to train on all of them.
final class FitPost {
  static final String ENDPOINT = "/fit";
  private static final String DATA = "/fit/data";
  private static final String DELETE = "/fit/data/delete";

  private final FlowClient client;
  private final Struct parameters;
  private final int requestSize;
  private final Consumer<String> notes;

  /// @param requestSize documents in one request
  FitPost(FlowClient client, Struct parameters, int requestSize, Consumer<String> notes) {
    this.client = client;
    this.parameters = parameters;
    this.requestSize = requestSize;
    this.notes = notes;
  }

  /// Posts them.
  ///
  /// @param answers called with the one answer of `/fit`
  void post(Iterator<Document> documents, AnswerConsumer answers) {
    DocumentArray first = next(documents);
    if (documents.hasNext()) {
      postAhead(first, documents, answers);
    } else {
      client.post(ENDPOINT, first.iterator(), parameters, requestSize, answers);
    }
  }

  private void postAhead(
      DocumentArray first, Iterator<Document> documents, AnswerConsumer answers) {
    String name = "client-" + Document.newId();
    Struct dataset = Struct.newBuilder().putFields("dataset", text(name)).build();
    try {
      long sent = 0;
      for (DocumentArray part = first; !part.isEmpty(); part = next(documents)) {
        var _ = client.post(DATA, part, dataset);
        sent += part.size();
      }
      notes.accept("%,d documents sent in requests of %,d".formatted(sent, requestSize));
      Struct fit = parameters.toBuilder().putFields("train_data", text("dataset:" + name)).build();
      client.post(ENDPOINT, DocumentArray.of().iterator(), fit, requestSize, answers);
    } finally {
      delete(dataset);
    }
  }

  /// The run has its own copy.
  private void delete(Struct dataset) {
    try {
      var _ = client.post(DELETE, DocumentArray.of(), dataset);
    } catch (FlowException failure) { // and the trainer removes it in a week
      notes.accept("what was sent ahead is still there: " + failure.getMessage());
    }
  }

  private DocumentArray next(Iterator<Document> documents) {
    DocumentArray part = DocumentArray.of();
    while (part.size() < requestSize && documents.hasNext()) {
      part.add(documents.next());
    }
    return part;
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }
}

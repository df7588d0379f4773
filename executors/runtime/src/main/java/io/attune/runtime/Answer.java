package io.attune.runtime;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.DocumentArray;
import org.jspecify.annotations.Nullable;

/// What a handler answers: documents that replace the request's, results, or both.
///
/// @param documents the documents; null keeps the request's, changes to them included
/// @param results what appears at `parameters.__results__.<executor>`; empty for none
public record Answer(@Nullable DocumentArray documents, Struct results) {
  /// The request's documents, as the handler left them.
  public static Answer unchanged() {
    return new Answer(null, Struct.getDefaultInstance());
  }

  /// Documents that replace the request's.
  public static Answer of(DocumentArray documents) {
    return new Answer(documents, Struct.getDefaultInstance());
  }

  /// Results beside the request's documents.
  public static Answer results(Struct results) {
    return new Answer(null, results);
  }

  /// The same documents with results.
  public Answer withResults(Struct added) {
    return new Answer(documents, added);
  }

  /// The same answer, telling which version of the model served it:
  /// `parameters.__results__.<executor>.model` becomes `name@version`.
  public Answer withModel(ModelVersion model) {
    Value name = Value.newBuilder().setStringValue(model.toString()).build();
    return new Answer(documents, results.toBuilder().putFields("model", name).build());
  }
}

package io.attune.runtime;

import io.attune.document.DocumentArray;
import io.grpc.Context;
import io.grpc.Deadline;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One call of an endpoint.
///
/// @param endpoint the endpoint that was asked for, exactly as the caller wrote it
/// @param requestId the request's id
/// @param documents the documents; the handler may change them in place
/// @param parameters the parameters for this executor
/// @param models the model versions the gateway stamped on the request; empty without a stamp
/// @param priority how soon the answer is wanted
/// @param deadline when the caller stops waiting; null for never
/// @param context carries cancellation
public record Call(
    String endpoint,
    String requestId,
    DocumentArray documents,
    Parameters parameters,
    List<ModelVersion> models,
    Priority priority,
    @Nullable Deadline deadline,
    Context context) {
  public Call {
    models = List.copyOf(models);
  }

  /// A call as a test or an embedding program makes it: no stamp, no deadline, interactive.
  public static Call of(String endpoint, DocumentArray documents, Parameters parameters) {
    return new Call(
        endpoint,
        "",
        documents,
        parameters,
        List.of(),
        Priority.INTERACTIVE,
        null,
        Context.current());
  }

  /// The version of a model that the request is stamped with.
  public Optional<ModelVersion> model(String name) {
    return models.stream().filter(model -> model.name().equals(name)).findFirst();
  }
}

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
/// @param parts what each parent of a joiner that does not reduce sent, in the order of arrival;
///   the documents are those of `documents`. Empty for any other call
public record Call(
    String endpoint,
    String requestId,
    DocumentArray documents,
    Parameters parameters,
    List<ModelVersion> models,
    Priority priority,
    @Nullable Deadline deadline,
    Context context,
    List<Part> parts) {
  public Call {
    models = List.copyOf(models);
    parts = List.copyOf(parts);
  }

  /// A call with one parent.
  public Call(
      String endpoint,
      String requestId,
      DocumentArray documents,
      Parameters parameters,
      List<ModelVersion> models,
      Priority priority,
      @Nullable Deadline deadline,
      Context context) {
    this(
        endpoint, requestId, documents, parameters, models, priority, deadline, context, List.of());
  }

  /// What one parent of a joiner sent.
  ///
  /// @param executor the parent's name; empty where it did not say
  /// @param documents its documents
  public record Part(String executor, DocumentArray documents) {}

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

  /// Fails where nobody waits for the answer any more: cancelled, or past the deadline.
  ///
  /// Long work calls this between its steps.
  public void ensureWanted() {
    if (deadline != null && deadline.isExpired()) {
      throw new FlowException(
          ErrorCode.DEADLINE_EXCEEDED, "deadline: over (expected: time left to answer)");
    }
    if (context.isCancelled()) {
      throw new FlowException(ErrorCode.CANCELLED, "call: cancelled by the caller");
    }
  }
}

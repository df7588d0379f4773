package io.attune.runtime.batching;

import com.google.protobuf.Struct;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.Priority;
import org.jspecify.annotations.Nullable;

/// What items must share to run in one batch.
///
/// An executor gives the parameters that change what it computes, and leaves out the others, so
/// that requests which differ in those alone still share batches.
///
/// @param endpoint the endpoint
/// @param parameters the parameters that matter to the batch
/// @param model the model version; null where no model is involved
/// @param priority how soon the answer is wanted
public record BatchKey(
    String endpoint, Struct parameters, @Nullable ModelVersion model, Priority priority) {

  /// A key of an endpoint and a priority alone.
  public static BatchKey of(String endpoint, Priority priority) {
    return new BatchKey(endpoint, Struct.getDefaultInstance(), null, priority);
  }
}

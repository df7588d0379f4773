package io.attune.gateway.embedded;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.DocumentArray;
import io.attune.gateway.graph.Plans;
import io.attune.gateway.message.Envelope;
import io.attune.gateway.router.Inbound;
import io.attune.gateway.router.Outcome;
import io.attune.gateway.router.Router;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.HeaderProto;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.Parameters;
import io.attune.runtime.Priority;
import io.attune.runtime.error.Failures;
import io.grpc.Metadata;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Requests that a Flow sends to itself, the way that all others go, and behind them.
///
/// @param router null as long as there is none
record FlowCalls(Supplier<@Nullable Router> router) {
  /// The answer to a request.
  record Told(DataRequestProto answer) {
    DocumentArray documents() {
      return DocumentArray.from(answer.getData().getDocs());
    }

    /// What an executor told beside documents, by something that it names; empty where none did.
    Optional<Struct> results(String field) {
      return answer
          .getParameters()
          .getFieldsOrDefault(Parameters.RESULTS, Value.getDefaultInstance())
          .getStructValue()
          .getFieldsMap()
          .values()
          .stream()
          .map(Value::getStructValue)
          .filter(each -> each.containsFields(field))
          .findFirst();
    }
  }

  /// Whether some executor answers an endpoint.
  ///
  /// @throws FlowException UNAVAILABLE where the gateway is not open yet
  boolean serves(String endpoint) {
    Plans plans = open().plans();
    if (plans == null) {
      throw unavailable();
    }
    return plans.endpoints().containsKey(endpoint);
  }

  /// Posts one request and waits for its answer.
  ///
  /// @param versions of models, other than the live ones; none for those
  /// @throws FlowException where it failed
  Told post(
      String endpoint, DocumentArray documents, Struct parameters, List<ModelVersion> versions)
      throws InterruptedException {
    DataRequestProto.Builder request =
        DataRequestProto.newBuilder()
            .setHeader(HeaderProto.newBuilder().setExecEndpoint(endpoint))
            .setParameters(parameters);
    request.getDataBuilder().setDocs(documents.toProto());
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    open()
        .route(
            new Inbound(
                Envelope.from(request.build()),
                new CallMetadata(versions, Priority.BULK, false, 0),
                new Metadata()),
            outcome::complete);
    try {
      return told(outcome.get());
    } catch (ExecutionException | InvalidProtocolBufferException e) {
      throw Failures.from(e);
    }
  }

  private static Told told(Outcome outcome) throws InvalidProtocolBufferException {
    if (outcome instanceof Outcome.Refused(FlowException cause, _)) {
      throw cause;
    }
    DataRequestProto answer = outcome.message().toProto();
    Failures.in(answer.getHeader().getStatus())
        .ifPresent(failure -> {
          throw failure;
        });
    return new Told(answer);
  }

  private Router open() {
    Router open = router.get();
    if (open == null) {
      throw unavailable();
    }
    return open;
  }

  private static FlowException unavailable() {
    return new FlowException(ErrorCode.UNAVAILABLE, "gateway: starting (expected: to be serving)");
  }
}

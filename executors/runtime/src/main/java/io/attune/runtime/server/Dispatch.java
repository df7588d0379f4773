package io.attune.runtime.server;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.DocumentArray;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.RouteProto;
import io.attune.runtime.Access;
import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import io.attune.runtime.Priority;
import io.attune.runtime.error.Failures;
import io.attune.runtime.metrics.ExecutorMetrics;
import io.attune.runtime.server.EndpointTable.Endpoint;
import io.grpc.Context;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// From a request to the executor's method and back, the same for every RPC.
final class Dispatch {
  private static final Logger log = LoggerFactory.getLogger(Dispatch.class);

  private final String name;
  private final String executorClass;
  private final EndpointTable table;
  private final ExecutorMetrics metrics;
  private final Semaphore room;
  private final int mostInFlight;

  /// @param name the executor's name in its Flow
  /// @param executorClass what errors and metrics call it
  /// @param mostInFlight how many requests are worked on at a time; one more is refused
  Dispatch(
      String name,
      String executorClass,
      EndpointTable table,
      ExecutorMetrics metrics,
      int mostInFlight) {
    this.name = name;
    this.executorClass = executorClass;
    this.table = table;
    this.metrics = metrics;
    this.mostInFlight = mostInFlight;
    this.room = new Semaphore(mostInFlight);
  }

  /// Answers requests that belong together (one, or one for each parent of a joiner).
  ///
  /// @throws FlowException for every failure
  DataRequestProto answer(List<DataRequestProto> requests) {
    long start = System.nanoTime();
    boolean success = false;
    try {
      DataRequestProto answer = admitted(requests);
      success = true;
      return answer;
    } catch (Throwable failure) { // the border: nothing an executor throws may pass it
      throw failed(requests, failure);
    } finally {
      metrics.ended(success, System.nanoTime() - start);
    }
  }

  /// The answer that tells a failure in band.
  DataRequestProto failed(DataRequestProto request, FlowException failure) {
    return Failures.answer(request, failure, executorClass);
  }

  private DataRequestProto admitted(List<DataRequestProto> requests) throws Exception {
    if (requests.isEmpty()) {
      throw FlowException.invalid("requests: none (expected: 1..)");
    }
    if (!room.tryAcquire()) {
      throw new FlowException(
          ErrorCode.RESOURCE_EXHAUSTED,
          "%s: %d requests under way (expected: fewer)".formatted(name, mostInFlight));
    }
    try {
      String asked = requests.getFirst().getHeader().getExecEndpoint();
      Optional<Endpoint> endpoint = table.find(asked);
      return endpoint.isPresent()
          ? process(requests, endpoint.get())
          : routed(requests.getFirst().toBuilder()).build();
    } finally {
      room.release();
    }
  }

  private DataRequestProto process(List<DataRequestProto> requests, Endpoint endpoint)
      throws Exception {
    ExecutorMetrics.OfEndpoint measured = metrics.endpoint(endpoint.name());
    int bytes = 0;
    for (DataRequestProto request : requests) {
      bytes += request.getSerializedSize();
    }
    measured.received(bytes);
    Call call = call(requests, endpoint);
    call.ensureWanted();
    int documentCount = call.documents().size();
    long start = System.nanoTime();
    Answer answer = endpoint.handler().handle(call);
    measured.processed(documentCount, System.nanoTime() - start);
    DataRequestProto message = message(requests.getFirst(), call, answer);
    measured.sent(message.getSerializedSize());
    return message;
  }

  private Call call(List<DataRequestProto> requests, Endpoint endpoint) {
    DataRequestProto first = requests.getFirst();
    List<Call.Part> parts = requests.size() == 1 ? List.of() : Payload.parts(requests);
    DocumentArray documents =
        requests.size() == 1 ? Payload.documents(first) : Payload.together(parts);
    CallMetadata metadata = CallMetadata.CURRENT.get();
    Priority priority = metadata.priority();
    if (priority == null) {
      priority = endpoint.access() == Access.WRITE ? Priority.BULK : Priority.INTERACTIVE;
    }
    Context context = Context.current();
    return new Call(
        first.getHeader().getExecEndpoint(),
        first.getHeader().getRequestId(),
        documents,
        Parameters.of(first.getParameters(), name),
        metadata.models(),
        priority,
        context.getDeadline(),
        context,
        parts);
  }

  private DataRequestProto message(DataRequestProto request, Call call, Answer answer) {
    DocumentArray documents = answer.documents() == null ? call.documents() : answer.documents();
    DataRequestProto.Builder message = routed(request.toBuilder());
    message.getDataBuilder().setDocs(documents.toProto());
    if (answer.results().getFieldsCount() > 0) {
      message.setParameters(withResults(request.getParameters(), answer.results()));
    }
    return message.build();
  }

  private Struct withResults(Struct parameters, Struct added) {
    Value before = parameters.getFieldsMap().get(Parameters.RESULTS);
    Struct.Builder results =
        before == null ? Struct.newBuilder() : before.getStructValue().toBuilder();
    results.putFields(name, Value.newBuilder().setStructValue(added).build());
    return parameters.toBuilder()
        .putFields(Parameters.RESULTS, Value.newBuilder().setStructValue(results).build())
        .build();
  }

  private DataRequestProto.Builder routed(DataRequestProto.Builder message) {
    return message.addRoutes(RouteProto.newBuilder().setExecutor(name));
  }

  private FlowException failed(List<DataRequestProto> requests, Throwable failure) {
    if (failure instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    FlowException flow = Failures.from(failure);
    if (flow.code() == ErrorCode.INTERNAL || flow.code() == ErrorCode.DATA_LOSS) {
      log.atError()
          .addKeyValue("executor", name)
          .addKeyValue("code", flow.code())
          .addKeyValue(
              "request", requests.isEmpty() ? "" : requests.getFirst().getHeader().getRequestId())
          .setCause(flow)
          .log("request failed");
    }
    return flow; // anything else is the caller's to know
  }
}

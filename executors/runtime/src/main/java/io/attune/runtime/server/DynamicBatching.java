package io.attune.runtime.server;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.Handler;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.batching.BatchKey;
import io.attune.runtime.batching.BatchOptions;
import io.attune.runtime.batching.BatchPolicy;
import io.attune.runtime.batching.BatchQueue;
import io.attune.runtime.batching.SizeOrTimeout;
import io.grpc.Context;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Jina's dynamic batching: the documents of several requests go to a method in one call.
///
/// Requests share a call if they ask for the same endpoint with the same parameters, model versions
/// and priority. The method gets the documents in the order they came, at most the preferred number
/// of them unless `flush_all` is set, so that one request may be answered out of several calls; its
/// call has no request id, no deadline and no caller to cancel it. It must answer one document for
/// each, in order. Of its results only `model` reaches the callers, since any other belongs to none
/// of them: it is refused. A failed call fails every request that has a document in it. A request
/// without documents comes back unchanged; one of a joiner that does not reduce is not batched.
final class DynamicBatching implements AutoCloseable {
  private static final long LEAST_CAPACITY = 65_536;
  private static final String MODEL = "model";

  private final BatchQueue<Waiting, Done> queue;

  /// A document of a request.
  private record Waiting(Document document, Call call, Handler method) {}

  /// A document as the method left it, with the results of that call.
  private record Done(Document document, Struct results) {}

  private DynamicBatching(BatchQueue<Waiting, Done> queue) {
    this.queue = queue;
  }

  /// Makes some endpoints of a table take part in batches.
  ///
  /// @param executor the executor's name
  /// @param policies how, by endpoint
  /// @throws FlowException where an endpoint is not bound
  static DynamicBatching over(
      EndpointTable table,
      String executor,
      Map<String, SizeOrTimeout> policies,
      MeterRegistry meters) {
    Map<String, SizeOrTimeout> bySlash =
        policies.entrySet().stream()
            .collect(Collectors.toMap(each -> table.named(each.getKey()), Map.Entry::getValue));
    BatchPolicy policy = key -> policy(bySlash, key.endpoint()).selector(key);
    long capacity =
        policies.values().stream()
            .mapToLong(each -> 4L * each.preferredBatchSize())
            .reduce(LEAST_CAPACITY, Math::max);
    int workers = Math.min(1024, Runtime.getRuntime().availableProcessors());
    BatchOptions options =
        BatchOptions.of(executor + "-batches", workers).withCapacity(capacity, capacity);
    DynamicBatching batching =
        new DynamicBatching(
            new BatchQueue<>(options, policy, _ -> 1, DynamicBatching::run, meters));
    table.replace(bySlash.keySet(), batching::gathered);
    return batching;
  }

  private static SizeOrTimeout policy(Map<String, SizeOrTimeout> policies, String endpoint) {
    SizeOrTimeout exact = policies.get(endpoint);
    SizeOrTimeout policy = exact != null ? exact : policies.get(EndpointTable.DEFAULT);
    if (policy == null) {
      throw new IllegalStateException(endpoint + " is not batched");
    }
    return policy;
  }

  /// Waits for nothing from now on; requests that were accepted may still come.
  void hurry() {
    queue.hurry();
  }

  @Override
  public void close() {
    queue.close(Duration.ZERO);
  }

  private Handler gathered(Handler method) {
    return call -> call.parts().isEmpty() ? gather(call, method) : method.handle(call);
  }

  private Answer gather(Call call, Handler method) {
    List<Waiting> waiting = new ArrayList<>(call.documents().size());
    call.documents().forEach(document -> waiting.add(new Waiting(document, call, method)));
    List<Done> done = queue.run(key(call), waiting, call.deadline(), call.context());
    DocumentArray documents = DocumentArray.of(done.stream().map(Done::document).toList());
    Struct results = done.isEmpty() ? Struct.getDefaultInstance() : done.getLast().results();
    return Answer.of(documents).withResults(results);
  }

  /// What requests must share. The stamp of all models is part of it, written into the parameters.
  private static BatchKey key(Call call) {
    String stamp =
        call.models().stream().map(ModelVersion::toString).collect(Collectors.joining(","));
    Struct parameters =
        call.parameters().struct().toBuilder()
            .putFields("", Value.newBuilder().setStringValue(stamp).build())
            .build();
    return new BatchKey(call.endpoint(), parameters, null, call.priority());
  }

  private static List<Done> run(BatchKey key, List<Waiting> batch) throws Exception {
    Call first = batch.getFirst().call();
    Call together =
        new Call(
            first.endpoint(),
            "",
            DocumentArray.of(batch.stream().map(Waiting::document).toList()),
            first.parameters(),
            first.models(),
            first.priority(),
            null,
            Context.ROOT);
    Answer answer = batch.getFirst().method().handle(together);
    DocumentArray documents =
        answer.documents() == null ? together.documents() : answer.documents();
    ensureFits(key.endpoint(), batch.size(), documents.size(), answer.results());
    return documents.stream().map(document -> new Done(document, answer.results())).toList();
  }

  private static void ensureFits(String endpoint, int given, int answered, Struct results) {
    if (answered != given) {
      throw new FlowException(
          ErrorCode.INTERNAL,
          "%s: %d documents for %d in a batch (expected: as many, in order)"
              .formatted(endpoint, answered, given));
    }
    for (String name : results.getFieldsMap().keySet()) {
      if (!name.equals(MODEL)) {
        throw new FlowException(
            ErrorCode.INTERNAL,
            "%s: result %s of a batch (expected: none but model, or no dynamic_batching)"
                .formatted(endpoint, name));
      }
    }
  }
}

package io.attune.benchmarks.index;

import com.google.protobuf.Struct;
import io.attune.benchmarks.Requests;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.NdArray;
import io.attune.proto.jina.DataRequestProto;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.Parameters;
import io.attune.runtime.channel.ExecutorChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// Sends requests to an indexer over one stream, many in flight.
///
/// @param channel the way to the indexer
record Load(ExecutorChannel channel) {
  /// How many matches a query asks for.
  static final int LIMIT = 10;

  private static final int QUERIES_IN_FLIGHT = 4;
  private static final Duration STATUS_INTERVAL = Duration.ofMillis(100);
  private static final String RESULTS = Parameters.RESULTS;

  /// A text as long as an answer of a help desk.
  static String text(int number) {
    return "Document %d: %s".formatted(number, "how to reset what was set before. ".repeat(6));
  }

  private static Document document(ClusteredVectors vectors, int number) {
    return Document.ofText(text(number))
        .id("d" + number)
        .embedding(NdArray.of(vectors.row(number % vectors.count())));
  }

  /// Indexes documents with the numbers and vectors from `first` on.
  ///
  /// @param perRequest documents to a request
  /// @param inFlight requests without answer at a time
  /// @return documents per second
  double index(ClusteredVectors vectors, int first, int count, int perRequest, int inFlight) {
    long start = System.nanoTime();
    IntFunction<DataRequestProto> request =
        number -> {
          int from = first + number * perRequest;
          int to = Math.min(from + perRequest, first + count);
          List<Document> documents = new ArrayList<>();
          for (int i = from; i < to; i++) {
            documents.add(document(vectors, i));
          }
          return Requests.of("/index", documents);
        };
    send((count + perRequest - 1) / perRequest, request, inFlight, _ -> {});
    return count * 1e9 / (System.nanoTime() - start);
  }

  /// Searches with queries from `first` on, starting over at the end.
  ///
  /// @return queries per second
  double search(ClusteredVectors queries, int count, int perRequest, int candidates) {
    long start = System.nanoTime();
    searchInto(queries, count, perRequest, candidates, _ -> {});
    return count * 1e9 / (System.nanoTime() - start);
  }

  /// The numbers of the nearest documents of each query.
  List<int[]> nearest(ClusteredVectors queries, int count, int perRequest, int candidates) {
    List<int[]> nearest = new ArrayList<>();
    searchInto(
        queries,
        count,
        perRequest,
        candidates,
        answer -> {
          for (Document query : DocumentArray.from(answer.getData().getDocs())) {
            nearest.add(
                query.matches().stream()
                    .mapToInt(match -> Integer.parseInt(match.id().substring(1)))
                    .toArray());
          }
        });
    return nearest;
  }

  private void searchInto(
      ClusteredVectors queries,
      int count,
      int perRequest,
      int candidates,
      Consumer<DataRequestProto> answers) {
    Struct parameters =
        Struct.newBuilder()
            .putFields("limit", Requests.number(LIMIT))
            .putFields("ef", Requests.number(candidates))
            .build();
    IntFunction<DataRequestProto> request =
        number -> {
          List<Document> documents = new ArrayList<>();
          int end = Math.min((number + 1) * perRequest, count);
          for (int i = number * perRequest; i < end; i++) {
            documents.add(
                Document.create().embedding(NdArray.of(queries.row(i % queries.count()))));
          }
          return Requests.of("/search", documents, parameters);
        };
    send((count + perRequest - 1) / perRequest, request, QUERIES_IN_FLIGHT, answers);
  }

  /// Waits until the graphs are committed with everything that was acknowledged, and none is
  /// merged.
  void settle() throws InterruptedException {
    while (!isSettled()) {
      Thread.sleep(STATUS_INTERVAL);
    }
  }

  private boolean isSettled() {
    Struct status =
        channel
            .call(Requests.of("/status", List.of()))
            .getParameters()
            .getFieldsOrThrow(RESULTS)
            .getStructValue()
            .getFieldsOrThrow("indexer")
            .getStructValue();
    return status.getFieldsOrThrow("generations").getListValue().getValuesList().stream()
        .allMatch(
            generation -> generation.getStructValue().getFieldsOrThrow("settled").getBoolValue());
  }

  private void send(
      int count,
      IntFunction<DataRequestProto> requests,
      int inFlight,
      Consumer<DataRequestProto> answers) {
    channel.stream(
        IntStream.range(0, count).mapToObj(requests).iterator(),
        inFlight,
        new CallMetadata(List.of(), null, true, inFlight),
        answer -> answers.accept(Requests.succeeded(answer)));
  }
}

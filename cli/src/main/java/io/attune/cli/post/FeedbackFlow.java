package io.attune.cli.post;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.cli.client.FlowAnswer;
import io.attune.cli.client.FlowClient;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Calls of a Flow's executor `Feedback`.
public final class FeedbackFlow {
  private static final int PAGE = 1000;

  private FeedbackFlow() {}

  /// Which judged queries are exported: those that are trained on, those that judge candidates, or
  /// more.
  public enum Side {
    TRAIN,
    GATE,
    NEITHER,
    ALL;

    /// As the endpoint calls it.
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// What takes exported queries.
  @FunctionalInterface
  public interface Sink {
    void take(Document query) throws IOException;
  }

  /// Exports what was judged, page by page.
  ///
  /// @param parameters of each request, without `side`
  /// @param sink called for each judged query of the side, with its matches
  /// @return how many queries there were
  public static long export(FlowClient client, Struct parameters, Side side, Sink sink)
      throws IOException {
    Struct asked =
        parameters.toBuilder()
            .putFields("side", Value.newBuilder().setStringValue(side.toString()).build())
            .build();
    long all;
    long exported = 0;
    Told told;
    do {
      told = call(client, "/feedback/export", page(asked, exported));
      all = told.count("queries");
      for (Document query : told.documents()) {
        sink.take(query);
      }
      exported += told.documents().size();
    } while (exported < all && !told.documents().isEmpty());
    return exported;
  }

  private static Struct page(Struct parameters, long offset) {
    return parameters.toBuilder()
        .putFields("offset", Value.newBuilder().setNumberValue((double) offset).build())
        .putFields("limit", Value.newBuilder().setNumberValue(PAGE).build())
        .build();
  }

  /// The documents of an answer, and what the executor told beside them.
  record Told(DocumentArray documents, Struct results) {
    /// A number of the results; 0 where it is none.
    long count(String name) {
      return (long) results.getFieldsOrDefault(name, Value.getDefaultInstance()).getNumberValue();
    }
  }

  /// Calls an endpoint without documents.
  ///
  /// @throws FlowException UNIMPLEMENTED where no executor of the Flow answers it
  static Told call(FlowClient client, String endpoint, Struct parameters) {
    List<FlowAnswer> answers = new ArrayList<>();
    client.post(endpoint, List.<Document>of().iterator(), parameters, 1, answers::add);
    FlowAnswer answer = answers.getFirst();
    for (Map.Entry<String, Value> each : answer.results().getFieldsMap().entrySet()) {
      Struct results = each.getValue().getStructValue();
      if (results.containsFields("judgments") || results.containsFields("undone")) {
        return new Told(answer.documents(), results);
      }
    }
    throw new FlowException(
        ErrorCode.UNIMPLEMENTED,
        "--flow: no executor of it answers %s (expected: one that uses Feedback)"
            .formatted(endpoint));
  }
}

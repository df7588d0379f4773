package io.attune.trainer.feedback;

import io.attune.document.DocumentArray;
import io.attune.document.json.StructJson;
import io.attune.runtime.Access;
import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.Endpoints;
import io.attune.runtime.Handler;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.Parameters;
import io.attune.runtime.Priority;
import io.grpc.Context;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Searches, judges, takes back and deletes until it is killed, and prints what was answered.
final class KilledMain {
  private static final Map<String, Handler> handlers = new HashMap<>();

  private KilledMain() {}

  /// Runs until it is killed.
  ///
  /// @param args the folder, and the number of the first search
  public static void main(String[] args) throws Exception {
    Feedback feedback =
        Feedback.open(
            FeedbackHarness.context(Path.of(args[0]), Map.of(), new SimpleMeterRegistry()));
    feedback.bind(
        new Endpoints() {
          @Override
          public Endpoints bind(String endpoint, Access access, Handler handler) {
            handlers.put(endpoint, handler);
            return this;
          }
        });
    for (int i = Integer.parseInt(args[1]); ; i++) {
      call(
          "/search",
          "s" + i,
          DocumentArray.of(FeedbackHarness.query("q", "query " + i, "a" + i, "b" + i)),
          Map.of());
      call(
          "/feedback",
          "f",
          DocumentArray.of(),
          Map.of("request_id", "s" + i, "relevant", "a" + i, "irrelevant", "b" + i));
      System.out.println("answered: judged " + i);
      if (i % 3 == 0) {
        call(
            "/feedback/undo",
            "u",
            DocumentArray.of(),
            Map.of("request_id", "s" + i, "documents", "b" + i));
        System.out.println("answered: undone " + i);
      }
      if (i % 5 == 0) {
        call("/delete", "d", DocumentArray.of(), Map.of("ids", List.of("a" + i)));
        System.out.println("answered: deleted " + i);
      }
    }
  }

  private static void call(
      String endpoint, String request, DocumentArray documents, Map<String, ?> parameters)
      throws Exception {
    Handler handler = handlers.get(endpoint);
    if (handler == null) {
      throw new AssertionError(endpoint);
    }
    Answer _ =
        handler.handle(
            new Call(
                endpoint,
                request,
                documents,
                new Parameters(StructJson.of(parameters)),
                List.of(new ModelVersion("m", 1)),
                Priority.INTERACTIVE,
                null,
                Context.current()));
  }
}

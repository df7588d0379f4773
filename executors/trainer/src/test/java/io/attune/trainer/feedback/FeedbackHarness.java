package io.attune.trainer.feedback;

import com.google.protobuf.Struct;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.json.StructJson;
import io.attune.proto.jina.DataRequestProto;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import io.attune.runtime.error.Failures;
import io.attune.runtime.testing.FakeClock;
import io.attune.runtime.testing.Requests;
import io.attune.runtime.testing.TestServer;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The executor behind the real server, and what tests ask of it.
final class FeedbackHarness implements AutoCloseable {
  final FakeClock clock;
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final Path folder;
  private final Feedback feedback;
  private final TestServer server;

  FeedbackHarness(Path folder, Map<String, ?> with) {
    this(folder, with, new FakeClock());
  }

  FeedbackHarness(Path folder, Map<String, ?> with, FakeClock clock) {
    this.folder = folder;
    this.clock = clock;
    ExecutorContext context = context(folder, with, meters);
    this.feedback = Feedback.open(context, clock);
    this.server = TestServer.of(feedback, context);
  }

  static ExecutorContext context(Path folder, Map<String, ?> with, SimpleMeterRegistry meters) {
    Map<String, Object> all = new HashMap<>(with);
    all.putIfAbsent("folder", folder.toString());
    return new ExecutorContext("feedback", new Parameters(StructJson.of(all)), folder, meters);
  }

  /// A query as an indexer leaves it; `id:text` for each match, the text `text of id` where none.
  static Document query(String id, String text, String... matches) {
    return Document.ofText(text)
        .id(id)
        .matches(
            Stream.of(matches)
                .map(match -> match.split(":", 2))
                .map(parts ->
                    Document.ofText(parts.length > 1 ? parts[1] : "text of " + parts[0])
                        .id(parts[0]))
                .toList());
  }

  /// A search that found this; its request is named.
  DataRequestProto search(String request, String models, Document... queries) {
    return send(request(request, queries), models);
  }

  /// The request of a search.
  DataRequestProto request(String id, Document... queries) {
    DataRequestProto message = Requests.of("/search", DocumentArray.of(queries));
    return message.toBuilder().setHeader(message.getHeader().toBuilder().setRequestId(id)).build();
  }

  DataRequestProto send(DataRequestProto request, String models) {
    Metadata headers = new Metadata();
    if (!models.isEmpty()) {
      headers.put(CallMetadata.MODEL, models);
    }
    try {
      DataRequestProto answer =
          server
              .single()
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
              .processSingleData(request);
      Failures.in(answer.getHeader().getStatus())
          .ifPresent(failure -> {
            throw failure;
          });
      return answer;
    } catch (StatusRuntimeException e) {
      throw Failures.from(e);
    }
  }

  Map<String, @Nullable Object> post(String endpoint, Map<String, ?> parameters) {
    return post(endpoint, DocumentArray.of(), parameters);
  }

  /// @return the results
  /// @throws FlowException where the answer, or its absence, tells one
  Map<String, @Nullable Object> post(
      String endpoint, DocumentArray documents, Map<String, ?> parameters) {
    return results(answer(endpoint, documents, parameters));
  }

  DataRequestProto answer(String endpoint, DocumentArray documents, Map<String, ?> parameters) {
    return send(Requests.with(Requests.of(endpoint, documents), StructJson.of(parameters)), "");
  }

  static Map<String, @Nullable Object> results(DataRequestProto answer) {
    Struct at = answer.getParameters();
    for (String key : new String[] {"__results__", "feedback"}) {
      at =
          at.getFieldsOrDefault(key, com.google.protobuf.Value.getDefaultInstance())
              .getStructValue();
    }
    return StructJson.plain(at);
  }

  /// All documents of `/feedback/export`, whatever their side.
  List<Document> export() {
    return Requests.documents(
        answer("/feedback/export", DocumentArray.of(), Map.of("side", "all")));
  }

  /// Queries with their labelled matches, as `text: id=label …`.
  List<String> exported() {
    return export().stream().map(FeedbackHarness::line).toList();
  }

  static String line(Document query) {
    StringBuilder line = new StringBuilder(query.text()).append(':');
    query
        .matches()
        .forEach(match ->
            line.append(' ')
                .append(match.id())
                .append('=')
                .append((int) match.tag("finetuner_label").orElseThrow().getNumberValue()));
    return line.toString();
  }

  void flush() {
    feedback.flush();
  }

  /// Whether any file of the folder has these bytes.
  boolean holds(String text) {
    flush();
    return holds(folder, text);
  }

  static boolean holds(Path folder, String text) {
    String wanted = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(wanted)) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  double impressions(String result) {
    return meters.counter("attune.feedback.impressions", "result", result).count();
  }

  @Override
  public void close() {
    server.close();
  }
}

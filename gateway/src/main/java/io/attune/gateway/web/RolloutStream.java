package io.attune.gateway.web;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutRequest;
import io.attune.proto.attune.RolloutsGrpc.RolloutsBlockingStub;
import io.attune.runtime.FlowException;
import io.attune.runtime.error.Failures;
import io.grpc.Context;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/// A rollout as it goes, one line of JSON for each message of `Watch`. A caller who reads slowly is
/// waited for; one who leaves ends the call.
final class RolloutStream {
  private static final MediaType LINES = MediaType.parse("application/x-ndjson; charset=utf-8");

  private RolloutStream() {}

  /// Waits for the first message, so that a rollout that is not there has its status.
  static HttpResponse open(RolloutsBlockingStub stub, RolloutRequest request, Executor workers) {
    Context.CancellableContext context = Context.current().withCancellation();
    try {
      Iterator<Rollout> told = context.call(() -> stub.watch(request));
      boolean hasAny = told.hasNext();
      HttpResponseWriter writer = HttpResponse.streaming();
      writer.write(ResponseHeaders.of(HttpStatus.OK, "content-type", LINES.toString()));
      var _ = writer.whenComplete().handle((_, _) -> context.cancel(null));
      workers.execute(() -> tell(writer, told, hasAny));
      return writer;
    } catch (Exception e) { // a border: whatever it is, the caller hears of it
      context.cancel(null);
      FlowException failure = Failures.from(e);
      return HttpResponse.of(
          WebPort.status(failure.code()),
          MediaType.JSON,
          HttpData.wrap(JsonAnswers.bytes(Map.of("detail", String.valueOf(failure.getMessage())))));
    }
  }

  private static void tell(HttpResponseWriter writer, Iterator<Rollout> told, boolean hasAny) {
    try {
      boolean more = hasAny;
      while (more) {
        if (!writer.tryWrite(HttpData.ofUtf8(ProtoJson.text(told.next()) + "\n"))) {
          return; // the caller left
        }
        writer.whenConsumed().join();
        more = told.hasNext();
      }
      writer.close();
    } catch (CompletionException _) {
      // the caller left
    } catch (IOException e) {
      writer.close(new UncheckedIOException(e));
    } catch (RuntimeException e) { // the last line says how it ended
      String detail = String.valueOf(Failures.from(e).getMessage());
      if (writer.tryWrite(HttpData.wrap(JsonAnswers.bytes(Map.of("detail", detail))))) {
        writer.close();
      }
    }
  }
}

package io.attune.gateway.web;

import com.google.protobuf.Struct;
import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.util.TimeoutMode;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.attune.document.Document;
import io.attune.gateway.graph.Plans;
import io.attune.gateway.message.Envelope;
import io.attune.gateway.router.Inbound;
import io.attune.gateway.router.Outcome;
import io.attune.gateway.router.Router;
import io.attune.proto.jina.HeaderProto;
import io.attune.runtime.Access;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.FlowException;
import io.attune.runtime.error.Failures;
import io.grpc.Context;
import io.grpc.Metadata;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// Requests that come as JSON bodies; one call is one request.
///
/// An executor's failure is an answer like any other, told in its header, as Jina's; a refusal has
/// its error code's HTTP status. A caller who hangs up cancels the request.
final class Posts {
  private final Router router;
  private final Duration bodyTimeout;
  private final Executor workers;
  private volatile boolean draining;

  /// @param bodyTimeout how long a body may take to arrive
  Posts(Router router, Duration bodyTimeout, Executor workers) {
    this.router = router;
    this.bodyTimeout = bodyTimeout;
    this.workers = workers;
  }

  /// Refuses new requests from now on.
  void drain() {
    draining = true;
  }

  /// Serves a path that names an endpoint if an executor declares it.
  ///
  /// @param closed paths that the Flow's file closes
  HttpResponse serveDeclared(
      ServiceRequestContext context, HttpRequest request, List<String> closed) {
    context.setRequestTimeout(TimeoutMode.SET_FROM_NOW, bodyTimeout);
    Plans plans = router.plans();
    String path = context.decodedPath();
    Map<String, Access> endpoints = plans == null ? Map.of() : plans.endpoints();
    if (closed.contains(path)) {
      return early(
          request, problem(HttpStatus.NOT_FOUND, "path: %s (expected: one that is served)", path));
    }
    for (String endpoint : List.of(path, path.substring(1))) {
      if (endpoints.containsKey(endpoint)) {
        return serve(context, request, endpoint);
      }
    }
    return early(
        request,
        plans == null
            ? problem(HttpStatus.SERVICE_UNAVAILABLE, "gateway: %s", router.waiting())
            : problem(
                HttpStatus.NOT_FOUND,
                "path: %s",
                path + " (expected: /post, or an endpoint: " + shown(endpoints) + ")"));
  }

  /// Serves a request.
  ///
  /// @param endpoint the endpoint that the path names; null where the body does
  HttpResponse serve(
      ServiceRequestContext context, HttpRequest request, @Nullable String endpoint) {
    context.setRequestTimeout(TimeoutMode.SET_FROM_NOW, bodyTimeout);
    if (draining) {
      return early(request, problem(HttpStatus.SERVICE_UNAVAILABLE, "gateway: %s", "stopping"));
    }
    MediaType type = request.contentType();
    if (type != null && !type.is(MediaType.JSON) && !type.subtype().endsWith("+json")) {
      // a browser sends other types to other origins without asking first
      return early(
          request,
          problem(
              HttpStatus.UNSUPPORTED_MEDIA_TYPE,
              "content-type: %s (expected: application/json)",
              type));
    }
    Context.CancellableContext cancellable = Context.ROOT.withCancellation();
    CompletableFuture<?> hungUp = context.whenRequestCancelling().thenAccept(cancellable::cancel);
    CompletableFuture<HttpResponse> response =
        request
            .aggregate()
            .whenComplete((_, _) -> context.clearRequestTimeout())
            .thenComposeAsync(whole -> answer(whole, endpoint, cancellable), workers);
    return HttpResponse.of(
        response.whenComplete((_, _) -> {
          hungUp.cancel(false);
          cancellable.close();
        }));
  }

  private CompletableFuture<HttpResponse> answer(
      AggregatedHttpRequest whole, @Nullable String endpoint, Context context) {
    CompletableFuture<HttpResponse> answer = new CompletableFuture<>();
    Inbound inbound;
    try {
      Envelope request = JsonRequests.read(whole.content().array(), endpoint);
      Metadata headers = metadata(whole.headers());
      inbound = new Inbound(request, CallMetadata.from(headers), Inbound.forwarded(headers));
    } catch (FlowException refused) {
      answer.complete(refusal(refused, endpoint));
      return answer;
    }
    context.run(
        () -> router.route(inbound, outcome -> workers.execute(() -> complete(answer, outcome))));
    return answer;
  }

  private static void complete(CompletableFuture<HttpResponse> answer, Outcome outcome) {
    try {
      answer.complete(
          switch (outcome) {
            case Outcome.Answered(Envelope message) -> ok(message);
            case Outcome.Failed(Envelope message) -> ok(message);
            case Outcome.Refused(FlowException cause, Envelope message) ->
                body(WebPort.status(cause.code()), JsonAnswers.refusal(message, cause));
          });
    } catch (FlowException unreadable) {
      answer.complete(
          body(
              WebPort.status(unreadable.code()),
              JsonAnswers.refusal(withStatus(outcome.message(), unreadable), unreadable)));
    } catch (RuntimeException failure) {
      answer.completeExceptionally(failure);
    }
  }

  private static HttpResponse ok(Envelope message) {
    return body(HttpStatus.OK, JsonAnswers.answer(message));
  }

  private static HttpResponse refusal(FlowException cause, @Nullable String endpoint) {
    HeaderProto.Builder header = HeaderProto.newBuilder().setRequestId(Document.newId());
    if (endpoint != null) {
      header.setExecEndpoint(endpoint);
    }
    Envelope message = Envelope.of(header.build(), Struct.getDefaultInstance());
    return body(
        WebPort.status(cause.code()), JsonAnswers.refusal(withStatus(message, cause), cause));
  }

  private static Envelope withStatus(Envelope message, FlowException cause) {
    return message.withHeader(
        message.header().toBuilder().setStatus(Failures.status(cause, "gateway")).build());
  }

  private static Metadata metadata(RequestHeaders headers) {
    Metadata metadata = new Metadata();
    for (String name :
        List.of(
            "x-attune-model",
            "x-attune-priority",
            "x-attune-session",
            "traceparent",
            "tracestate")) {
      String value = headers.get(HttpHeaderNames.of(name));
      if (value != null) {
        metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
      }
    }
    return metadata;
  }

  private static String shown(Map<String, Access> endpoints) {
    return String.join(
        ", ",
        endpoints.entrySet().stream()
            .filter(entry -> entry.getValue() != Access.ADMIN)
            .map(Map.Entry::getKey)
            .filter(name -> name.startsWith("/"))
            .toList());
  }

  /// A refusal that does not need the body, given once the body was read and dropped: callers do
  /// not look for an answer while they still send.
  private static HttpResponse early(HttpRequest request, HttpResponse refusal) {
    return HttpResponse.of(request.subscribe().handle((_, _) -> refusal));
  }

  private static HttpResponse problem(HttpStatus status, String format, Object value) {
    return body(status, JsonAnswers.bytes(Map.of("detail", format.formatted(value))));
  }

  private static HttpResponse body(HttpStatus status, byte[] body) {
    return HttpResponse.of(status, MediaType.JSON, HttpData.wrap(body));
  }
}

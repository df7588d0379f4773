package io.attune.gateway.web;

import com.google.protobuf.Message;
import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.metric.NoopMeterRegistry;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.attune.proto.attune.ListRolloutsRequest;
import io.attune.proto.attune.RollbackRequest;
import io.attune.proto.attune.Rollout;
import io.attune.proto.attune.RolloutRequest;
import io.attune.proto.attune.RolloutsGrpc;
import io.attune.proto.attune.RolloutsGrpc.RolloutsBlockingStub;
import io.attune.proto.attune.StartRolloutRequest;
import io.attune.proto.attune.ThrottleRolloutRequest;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.admin.AdminOptions;
import io.attune.runtime.error.Failures;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The service `attune.Rollouts` as JSON over HTTP, for those who run a Flow.
///
/// | | |
/// |---|---|
/// | `GET /rollouts[?model=NAME]` | `List` |
/// | `POST /rollouts` | `Start`: `{"model", "version", "options", "requestId"}` |
/// | `GET /rollouts/R` | `Get` |
/// | `GET /rollouts/R/watch` | `Watch`: one line of JSON for each message |
/// | `POST /rollouts/R/pause`, `resume`, `proceed`, `cancel` | |
/// | `POST /rollouts/R/throttle` | `{"documentsPerSecond"}` |
/// | `POST /models/NAME/rollback` | `Rollback` |
///
/// Only JSON is taken, and without a token only what is sent to an address of this machine by its
/// name, so that no page in a browser can do it.
public final class RolloutsPort implements AutoCloseable {
  private static final Duration QUIET = Duration.ofMillis(50);
  private static final Duration LAST_ANSWERS = Duration.ofSeconds(1);
  private static final int MOST_BYTES = 1 << 20;

  private final @Nullable String token;
  private final io.grpc.Server service;
  private final ManagedChannel channel;
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private final Server server;

  private RolloutsPort(AdminOptions options, BindableService rollouts) {
    this.token = options.token();
    String name = "rollouts-http-%x".formatted(System.identityHashCode(this));
    this.service =
        InProcessServerBuilder.forName(name).executor(workers).addService(rollouts).build();
    this.channel = InProcessChannelBuilder.forName(name).executor(workers).build();
    ServerBuilder builder =
        Server.builder()
            .http(new InetSocketAddress(options.host(), options.port()))
            .maxRequestLength(MOST_BYTES)
            .requestTimeout(Duration.ZERO) // a rollout may take days
            .gracefulShutdownTimeout(QUIET, LAST_ANSWERS)
            .errorHandler(new WebErrors())
            .meterRegistry(NoopMeterRegistry.get()); // the web port's server counts for both
    AcceptorLoop.in(builder);
    RolloutsBlockingStub stub = RolloutsGrpc.newBlockingStub(channel);
    builder
        .route()
        .get("/rollouts")
        .build((ctx, request) ->
            answer(
                request,
                () ->
                    stub.list(
                        ListRolloutsRequest.newBuilder()
                            .setModel(ctx.queryParams().get("model", ""))
                            .build())));
    builder.route().post("/rollouts").build((_, request) -> start(request, stub));
    builder
        .route()
        .get("/rollouts/{rollout}")
        .build((ctx, request) -> answer(request, () -> stub.get(rollout(ctx))));
    builder
        .route()
        .get("/rollouts/{rollout}/watch")
        .build((ctx, request) -> guarded(request, () -> watch(ctx, stub)));
    steer(builder, "pause", stub, RolloutsBlockingStub::pause);
    steer(builder, "resume", stub, RolloutsBlockingStub::resume);
    steer(builder, "proceed", stub, RolloutsBlockingStub::proceed);
    steer(builder, "cancel", stub, RolloutsBlockingStub::cancel);
    builder
        .route()
        .post("/rollouts/{rollout}/throttle")
        .build((ctx, request) -> throttle(ctx, request, stub));
    builder
        .route()
        .post("/models/{model}/rollback")
        .build((ctx, request) ->
            post(
                request,
                body -> {
                  RollbackRequest.Builder rollback = RollbackRequest.newBuilder();
                  ProtoJson.read(body, rollback);
                  return stub.rollback(rollback.setModel(parameter(ctx, "model")).build());
                }));
    this.server = builder.build();
  }

  /// Serves.
  ///
  /// @param rollouts the service
  /// @throws FlowException where the port cannot be bound
  public static RolloutsPort start(AdminOptions options, BindableService rollouts) {
    RolloutsPort port = new RolloutsPort(options, rollouts);
    try {
      port.service.start();
      port.server.start().join();
      return port;
    } catch (IOException | CompletionException e) {
      port.close();
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "admin HTTP port: %s cannot be bound: %s (expected: a free port)"
              .formatted(
                  options, e.getCause() == null ? e.getMessage() : e.getCause().getMessage()),
          e);
    }
  }

  /// The port it listens on.
  public int port() {
    return server.activeLocalPort();
  }

  private void steer(
      ServerBuilder builder,
      String what,
      RolloutsBlockingStub stub,
      BiFunction<RolloutsBlockingStub, RolloutRequest, Rollout> method) {
    builder
        .route()
        .post("/rollouts/{rollout}/" + what)
        .build((ctx, request) -> post(request, _ -> method.apply(stub, rollout(ctx))));
  }

  private HttpResponse start(HttpRequest request, RolloutsBlockingStub stub) {
    return post(
        request,
        body -> {
          StartRolloutRequest.Builder start = StartRolloutRequest.newBuilder();
          ProtoJson.read(body, start);
          return stub.start(start.build());
        });
  }

  private HttpResponse throttle(
      ServiceRequestContext ctx, HttpRequest request, RolloutsBlockingStub stub) {
    return post(
        request,
        body -> {
          ThrottleRolloutRequest.Builder throttle = ThrottleRolloutRequest.newBuilder();
          ProtoJson.read(body, throttle);
          return stub.throttle(throttle.setRollout(parameter(ctx, "rollout")).build());
        });
  }

  private static RolloutRequest rollout(ServiceRequestContext ctx) {
    return RolloutRequest.newBuilder().setRollout(parameter(ctx, "rollout")).build();
  }

  private static String parameter(ServiceRequestContext ctx, String name) {
    String value = ctx.pathParam(name);
    return value == null ? "" : value;
  }

  /// What a request does, on a thread that may wait.
  @FunctionalInterface
  private interface Work {
    Message answer(String body) throws IOException;
  }

  private HttpResponse answer(HttpRequest request, Supplier<Message> work) {
    return guarded(request, () -> later(() -> work.get()));
  }

  private HttpResponse post(HttpRequest request, Work work) {
    return guarded(
        request,
        () -> {
          MediaType type = request.contentType();
          if (type == null || !type.is(MediaType.JSON)) {
            return error(
                HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                "content-type: %s (expected: application/json)".formatted(type));
          }
          return HttpResponse.of(
              request
                  .aggregate()
                  .thenApply(AggregatedHttpRequest::contentUtf8)
                  .thenApply(body -> later(() -> work.answer(body))));
        });
  }

  /// A call that may throw what reading JSON throws.
  @FunctionalInterface
  private interface Call {
    Message message() throws IOException;
  }

  private HttpResponse later(Call call) {
    return HttpResponse.of(
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return HttpResponse.of(
                    HttpStatus.OK, MediaType.JSON_UTF_8, ProtoJson.text(call.message()));
              } catch (IOException e) {
                return error(HttpStatus.BAD_REQUEST, "body: " + e.getMessage());
              } catch (RuntimeException e) { // a border: whatever it is, the caller hears of it
                FlowException failure = Failures.from(e);
                return error(WebPort.status(failure.code()), String.valueOf(failure.getMessage()));
              }
            },
            workers));
  }

  /// Lets those in who may.
  private HttpResponse guarded(HttpRequest request, Supplier<HttpResponse> work) {
    RequestHeaders headers = request.headers();
    if (token != null) {
      String given = headers.get(HttpHeaderNames.AUTHORIZATION, "");
      boolean isRight =
          MessageDigest.isEqual(
              given.getBytes(StandardCharsets.UTF_8),
              ("Bearer " + token).getBytes(StandardCharsets.UTF_8));
      return isRight
          ? work.get()
          : error(
              HttpStatus.UNAUTHORIZED,
              "authorization: not the admin token (expected: Bearer and the token)");
    }
    String host = headers.authority();
    return host != null && host.matches("(localhost|127(\\.[0-9]{1,3}){3}|\\[::1])(:[0-9]+)?")
        ? work.get()
        : error(
            HttpStatus.FORBIDDEN,
            "host: %s (expected: localhost; others need a token)".formatted(host));
  }

  private HttpResponse watch(ServiceRequestContext ctx, RolloutsBlockingStub stub) {
    RolloutRequest request = rollout(ctx);
    return HttpResponse.of(
        CompletableFuture.supplyAsync(() -> RolloutStream.open(stub, request, workers), workers));
  }

  private static HttpResponse error(HttpStatus status, String detail) {
    return HttpResponse.of(
        status, MediaType.JSON, HttpData.wrap(JsonAnswers.bytes(Map.of("detail", detail))));
  }

  @Override
  public void close() {
    try {
      server.stop().join();
    } finally {
      channel.shutdownNow();
      service.shutdownNow();
      workers.shutdownNow();
    }
    server.close();
  }
}

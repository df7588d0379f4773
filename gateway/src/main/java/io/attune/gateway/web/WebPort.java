package io.attune.gateway.web;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.cors.CorsService;
import io.attune.gateway.router.Router;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/// The gateway's web port: JSON over HTTP in Jina's shape, OpenAPI and metrics.
///
/// Paths that are not listed here are endpoints: `POST /evaluate` calls `/evaluate` where an
/// executor declares it. WebSocket belongs on `/` of this port.
public final class WebPort {
  /// How long a body may take to arrive: 128 MiB at 10 Mbit/s take 107 s.
  public static final Duration BODY_TIMEOUT = Duration.ofMinutes(2);

  private static final Duration QUIET = Duration.ofMillis(50);
  private static final Duration LAST_ANSWERS = Duration.ofSeconds(1);

  private final Server server;
  private final Posts posts;

  /// How the port behaves.
  ///
  /// @param host the address to listen on
  /// @param port the port; 0 for any free one
  /// @param maxMessageBytes the largest body accepted
  /// @param bodyTimeout how long a body may take to arrive; default [#BODY_TIMEOUT]
  /// @param cors whether pages of other origins may call it
  /// @param debugEndpoints whether `/status` and `/post` are served
  /// @param crudEndpoints whether `/index`, `/search`, `/update` and `/delete` are served
  /// @param title the title of the OpenAPI document
  /// @param description the description in that document
  public record Options(
      String host,
      int port,
      int maxMessageBytes,
      Duration bodyTimeout,
      boolean cors,
      boolean debugEndpoints,
      boolean crudEndpoints,
      String title,
      String description) {}

  /// @param metrics the Prometheus page
  /// @param workers where JSON is read and written: not the transport's threads
  public WebPort(Router router, Options options, Supplier<String> metrics, Executor workers) {
    this.posts = new Posts(router, options.bodyTimeout(), workers);
    Pages pages = new Pages(router, options, metrics);
    ServerBuilder builder =
        Server.builder()
            .http(new InetSocketAddress(options.host(), options.port()))
            .maxRequestLength(options.maxMessageBytes())
            .requestTimeout(Duration.ZERO) // a Flow may take as long as its executors
            .gracefulShutdownTimeout(QUIET, LAST_ANSWERS)
            .errorHandler(new WebErrors());
    AcceptorLoop.in(builder);
    builder.route().get("/").build((ctx, request) -> pages.root());
    builder.route().get("/dry_run").build((ctx, request) -> pages.dryRun());
    builder.route().get("/openapi.json").build((ctx, request) -> pages.openApi());
    builder.route().get("/metrics").build((ctx, request) -> pages.metrics());
    if (options.debugEndpoints()) {
      builder.route().get("/status").build((ctx, request) -> pages.status());
      builder.route().post("/post").build((ctx, request) -> posts.serve(ctx, request, null));
    }
    if (options.crudEndpoints()) {
      crud(builder, posts, "/index", HttpMethod.POST);
      crud(builder, posts, "/search", HttpMethod.POST);
      crud(builder, posts, "/update", HttpMethod.POST, HttpMethod.PUT);
      crud(builder, posts, "/delete", HttpMethod.POST, HttpMethod.DELETE);
    }
    List<String> closed = OpenApi.closedPaths(options);
    builder
        .route()
        .post("glob:/**")
        .build((ctx, request) -> posts.serveDeclared(ctx, request, closed));
    if (options.cors()) {
      builder.decorator(
          CorsService.builderForAnyOrigin()
              .allowRequestMethods(
                  HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.DELETE)
              .allowAllRequestHeaders(true)
              .newDecorator());
    }
    this.server = builder.build();
  }

  private static void crud(
      ServerBuilder builder, Posts posts, String endpoint, HttpMethod... methods) {
    builder
        .route()
        .methods(methods)
        .path(endpoint)
        .build((ctx, request) -> posts.serve(ctx, request, endpoint));
  }

  /// Listens.
  ///
  /// @throws FlowException where the port cannot be bound
  public void start() {
    try {
      server.start().join();
    } catch (CompletionException e) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "gateway web port: cannot be bound: %s (expected: a free port)"
              .formatted(e.getCause() == null ? e.getMessage() : e.getCause().getMessage()),
          e);
    }
  }

  /// The port it listens on.
  public int port() {
    return server.activeLocalPort();
  }

  /// Refuses new requests; those under way go on.
  public void drain() {
    posts.drain();
  }

  /// Stops listening, after a moment for answers on their way out.
  public void stop() {
    server.stop().join();
    server.close();
  }

  /// The status line of an error code.
  static HttpStatus status(ErrorCode code) {
    return HttpStatus.valueOf(code.http());
  }
}

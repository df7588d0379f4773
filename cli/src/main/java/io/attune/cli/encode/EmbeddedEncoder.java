package io.attune.cli.encode;

import com.google.protobuf.Struct;
import io.attune.cli.serve.Workspace;
import io.attune.document.DocumentArray;
import io.attune.runtime.Access;
import io.attune.runtime.Call;
import io.attune.runtime.Endpoints;
import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.Handler;
import io.attune.runtime.Parameters;
import io.attune.runtime.error.Failures;
import io.attune.runtime.registry.ExecutorRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/// The executor `Encoder` in this process, without a server before it, and with no state that
/// stays.
public final class EmbeddedEncoder implements AutoCloseable {
  private static final String ENDPOINT = "/encode";

  private final Workspace workspace;
  private final Executor executor;
  private final Handler handler;

  private EmbeddedEncoder(Workspace workspace, Executor executor) {
    Map<String, Handler> handlers = new HashMap<>();
    executor.bind(
        new Endpoints() {
          @Override
          public Endpoints bind(String endpoint, Access access, Handler bound) {
            handlers.put(endpoint, bound);
            return this;
          }
        });
    this.workspace = workspace;
    this.executor = executor;
    this.handler = Objects.requireNonNull(handlers.get(ENDPOINT), ENDPOINT);
  }

  /// Loads a model, checks and warms it.
  ///
  /// @param with the executor's options
  public static EmbeddedEncoder open(Struct with) throws IOException {
    Workspace workspace = Workspace.of(null);
    try {
      ExecutorContext context =
          new ExecutorContext(
              "encoder", new Parameters(with), workspace.path(), new SimpleMeterRegistry());
      return new EmbeddedEncoder(workspace, ExecutorRegistry.load().create("Encoder", context));
    } catch (RuntimeException e) {
      workspace.close();
      throw e;
    }
  }

  /// Gives documents their embeddings, in place.
  ///
  /// @return what the executor says about it
  public Struct encode(DocumentArray documents, Struct parameters) {
    try {
      return handler.handle(Call.of(ENDPOINT, documents, new Parameters(parameters))).results();
    } catch (Exception failure) { // the border of an executor, which may throw anything
      throw Failures.from(failure);
    }
  }

  @Override
  public void close() throws IOException {
    try (workspace) {
      executor.close();
    }
  }
}

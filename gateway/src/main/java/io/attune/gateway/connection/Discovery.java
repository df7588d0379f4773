package io.attune.gateway.connection;

import com.google.protobuf.Value;
import io.attune.gateway.graph.Bindings;
import io.attune.proto.jina.EndpointsProto;
import io.attune.runtime.Access;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks executors which endpoints they answer, and goes on asking until they do.
public final class Discovery {
  private static final Logger log = LoggerFactory.getLogger(Discovery.class);
  private static final Duration TRY = Duration.ofSeconds(5);
  private static final long PAUSE_MILLIS = 200;
  private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final CountDownLatch cancelled = new CountDownLatch(1);
  private final Consumer<String> waiting;

  /// @param waiting told what is waited for, each time it changes
  public Discovery(Consumer<String> waiting) {
    this.waiting = waiting;
  }

  /// Gives up at once.
  public void cancel() {
    cancelled.countDown();
  }

  /// What an executor answers; blocks until it is known.
  ///
  /// @param atMost how long to wait; null for ever
  /// @throws FlowException where that time is over or [#cancel] was called
  public Bindings ask(ExecutorConnection executor, @Nullable Duration atMost)
      throws InterruptedException {
    long start = System.nanoTime();
    long told = start;
    while (true) {
      Status status;
      try {
        return bindings(executor.discover(TRY));
      } catch (StatusRuntimeException e) {
        status = e.getStatus();
      }
      if (status.getCode() == Status.Code.UNIMPLEMENTED) {
        return new Bindings(Map.of(Bindings.DEFAULT, Access.READ)); // a peer without discovery
      }
      String reason =
          "waiting for executor %s at %s (%s)"
              .formatted(executor.name(), executor.address(), shown(status));
      waiting.accept(reason);
      if (System.nanoTime() - told > TELL_NANOS) {
        told = System.nanoTime();
        log.atInfo()
            .addKeyValue("executor", executor.name())
            .addKeyValue("address", executor.address())
            .addKeyValue("cause", shown(status))
            .log("waiting for executor");
      }
      boolean late = atMost != null && System.nanoTime() - start > atMost.toNanos();
      if (cancelled.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS) || late) {
        throw new FlowException(ErrorCode.UNAVAILABLE, reason + (late ? ": gave up" : ": stopped"));
      }
    }
  }

  /// The bindings that an answer tells. An executor that does not tell access classes (a Python
  /// one) has the write endpoints it lists, and its other endpoints read.
  static Bindings bindings(EndpointsProto answer) {
    Map<String, Access> endpoints = new HashMap<>();
    answer.getEndpointsList().forEach(endpoint -> endpoints.put(endpoint, Access.READ));
    answer.getWriteEndpointsList().forEach(endpoint -> endpoints.put(endpoint, Access.WRITE));
    answer
        .getSchemas()
        .getFieldsMap()
        .forEach((endpoint, schema) -> {
          Value access =
              schema.getStructValue().getFieldsOrDefault("access", Value.getDefaultInstance());
          if (endpoints.containsKey(endpoint) && access.hasStringValue()) {
            endpoints.put(endpoint, access(endpoint, access.getStringValue()));
          }
        });
    return new Bindings(endpoints);
  }

  private static Access access(String endpoint, String name) {
    for (Access access : Access.values()) {
      if (access.name().toLowerCase(Locale.ROOT).equals(name)) {
        return access;
      }
    }
    throw new FlowException(
        ErrorCode.FAILED_PRECONDITION,
        "access of %s: %s (expected: read, write or admin)".formatted(endpoint, name));
  }

  private static String shown(Status status) {
    String description = status.getDescription();
    return description == null ? status.getCode().name() : description;
  }
}

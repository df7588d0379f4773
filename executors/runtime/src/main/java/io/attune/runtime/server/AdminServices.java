package io.attune.runtime.server;

import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.FlowException;
import io.attune.runtime.admin.AdminOptions;
import io.attune.runtime.admin.AdminServer;
import io.grpc.BindableService;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The admin services of an executor, and their port where its options name one.
final class AdminServices implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AdminServices.class);

  private final List<BindableService> services;
  private final Optional<AdminOptions> options;
  private @Nullable AdminServer server;

  private AdminServices(List<BindableService> services, Optional<AdminOptions> options) {
    this.services = services;
    this.options = options;
  }

  /// @throws FlowException where the options of the port are wrong
  static AdminServices of(Executor executor, ExecutorContext context) {
    List<BindableService> services = List.copyOf(executor.adminServices());
    return new AdminServices(
        services, services.isEmpty() ? Optional.empty() : AdminOptions.from(context.with()));
  }

  List<BindableService> services() {
    return services;
  }

  /// Serves them on their port, where they have one.
  void listen() {
    server = options.map(where -> AdminServer.start(where, services)).orElse(null);
  }

  /// The port; -1 where there is none.
  int port() {
    return server == null ? -1 : server.port();
  }

  /// Ends calls without an end.
  void endCalls() {
    for (BindableService service : services) {
      if (service instanceof AutoCloseable closeable) {
        close(closeable);
      }
    }
  }

  private static void close(AutoCloseable service) {
    try {
      service.close();
    } catch (Exception failure) { // of somebody's service: stopping goes on
      log.atWarn().setCause(failure).log("admin service cannot be closed");
    }
  }

  /// Ends all calls and frees the port. A second time does nothing.
  @Override
  public void close() {
    endCalls();
    if (server != null) {
      server.close();
    }
  }
}

package io.attune.runtime.server;

import com.google.protobuf.Empty;
import io.attune.proto.attune.ParticipantGrpc;
import io.attune.proto.attune.ParticipantStanding;
import io.attune.proto.attune.RegisterRequest;
import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.FlowException;
import io.attune.runtime.admin.AdminOptions;
import io.attune.runtime.admin.AdminServer;
import io.attune.runtime.admin.CoordinatorOptions;
import io.attune.runtime.admin.Registration;
import io.attune.runtime.error.Failures;
import io.grpc.BindableService;
import io.grpc.stub.StreamObserver;
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
  private final Optional<CoordinatorOptions> coordinator;
  private final Runnable confirmed;
  private @Nullable AdminServer server;
  private @Nullable Registration registration;

  private AdminServices(
      List<BindableService> services,
      Optional<AdminOptions> options,
      Optional<CoordinatorOptions> coordinator,
      Runnable confirmed) {
    this.services = services;
    this.options = options;
    this.coordinator = coordinator;
    this.confirmed = confirmed;
  }

  /// @throws FlowException where the options of the port are wrong
  static AdminServices of(Executor executor, ExecutorContext context) {
    List<BindableService> services = List.copyOf(executor.adminServices());
    Optional<AdminOptions> options =
        services.isEmpty() ? Optional.empty() : AdminOptions.from(context.with());
    Optional<CoordinatorOptions> coordinator =
        services.isEmpty() ? Optional.empty() : CoordinatorOptions.from(context.with(), options);
    if (coordinator.isPresent() && participant(services).isEmpty()) {
      throw FlowException.invalid(
          "coordinator: %s for %s (expected: none, as it takes no part in rollouts)"
              .formatted(coordinator.get().coordinator(), context.name()));
    }
    return new AdminServices(services, options, coordinator, executor::confirmed);
  }

  private static Optional<ParticipantGrpc.ParticipantImplBase> participant(
      List<BindableService> services) {
    return services.stream()
        .filter(ParticipantGrpc.ParticipantImplBase.class::isInstance)
        .map(ParticipantGrpc.ParticipantImplBase.class::cast)
        .findFirst();
  }

  List<BindableService> services() {
    return services;
  }

  /// Serves them on their port, where they have one, and registers with the coordinator, where one
  /// is named.
  void listen() {
    server = options.map(where -> AdminServer.start(where, services)).orElse(null);
    coordinator.ifPresent(where ->
        registration =
            Registration.start(
                where,
                who(where.advertised(), port()),
                (_, current) -> {
                  if (current) {
                    confirmed.run();
                  }
                }));
  }

  private RegisterRequest who(String host, int port) {
    RegisterRequest.Builder who =
        RegisterRequest.newBuilder()
            .setAddress((host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port);
    participant(services)
        .orElseThrow()
        .standing(
            Empty.getDefaultInstance(),
            new StreamObserver<>() {
              @Override
              public void onNext(ParticipantStanding standing) {
                who.setKind(standing.getKind())
                    .setName(standing.getName())
                    .setShard(standing.getShard());
              }

              @Override
              public void onError(Throwable failure) {
                throw Failures.from(failure);
              }

              @Override
              public void onCompleted() {}
            });
    return who.build();
  }

  /// The port; -1 where there is none.
  int port() {
    return server == null ? -1 : server.port();
  }

  /// Lets the coordinator not wait for it any more.
  private void leave() {
    if (registration != null) {
      registration.close();
      registration = null;
    }
  }

  /// Ends calls without an end.
  void endCalls() {
    leave();
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

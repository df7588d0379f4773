package io.attune.gateway.embedded;

import io.attune.flows.FlowPlan;
import io.attune.flows.GatewayPlan;
import io.attune.gateway.PlannedGateway;
import io.attune.gateway.rollout.Catalog;
import io.attune.gateway.rollout.Coordinator;
import io.attune.gateway.rollout.GatewayPart;
import io.attune.gateway.rollout.Identity;
import io.attune.gateway.rollout.ParticipantService;
import io.attune.gateway.rollout.Peer;
import io.attune.gateway.rollout.RegistryService;
import io.attune.gateway.rollout.RolloutsService;
import io.attune.gateway.rollout.Stamps;
import io.attune.gateway.rollout.Timing;
import io.attune.gateway.rollout.record.FolderRecords;
import io.attune.gateway.rollout.record.RolloutStore;
import io.attune.gateway.router.LiveModels;
import io.attune.gateway.router.Router;
import io.attune.gateway.web.RolloutsPort;
import io.attune.proto.attune.RegisterRequest;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.admin.AdminOptions;
import io.attune.runtime.admin.AdminServer;
import io.attune.runtime.admin.CoordinatorOptions;
import io.attune.runtime.admin.Registration;
import io.attune.runtime.channel.Address;
import io.attune.runtime.lock.ProcessLock;
import io.grpc.BindableService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The rollouts of a Flow whose gateway runs in this process: the coordinator, with the executors
/// of this process and the gateway itself as participants, and the admin port.
///
/// A Flow that cannot keep what rollouts need serves, and refuses them with the reason.
final class FlowRollouts implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FlowRollouts.class);
  private static final Duration CURRENT_TIME = Duration.ofSeconds(30);
  private static final Duration PROMOTION_PAUSE = Duration.ofSeconds(5);
  private static final String FOLDER = "rollouts";
  private static final String LOCK = ".lock";
  private static final String LAPSED =
      "the coordinator of rollouts does not hear of it (expected: a lease)";

  private final FlowPlan plan;
  private final Stamps stamps;
  private final GatewayPart part;
  private final boolean isShared;
  private final FlowCalls calls = new FlowCalls(this::router);
  private final List<AutoCloseable> open = new ArrayList<>();
  private volatile @Nullable Router router;
  private @Nullable Coordinator coordinator;
  private @Nullable AdminServer admin;
  private @Nullable RolloutsPort adminHttp;
  private String refusal = "";

  private FlowRollouts(FlowPlan plan) {
    this.plan = plan;
    this.stamps = new Stamps(PlannedGateway.live(plan));
    this.part =
        new GatewayPart(new Identity(Identity.Kind.GATEWAY, plan.gateway().name(), 0, 0), stamps);
    this.isShared =
        plan.gateway().admin() != null
            && plan.executors().stream().anyMatch(executor -> executor.external() != null);
  }

  /// Finds the participants of this process, and goes on with the rollouts that were under way;
  /// returns once the gateway knows what is live.
  ///
  /// @param inProcess where an executor of this process is; null for others
  static FlowRollouts open(FlowPlan plan, Function<String, @Nullable Address> inProcess)
      throws InterruptedException {
    FlowRollouts rollouts = new FlowRollouts(plan);
    if (rollouts.follows()) {
      rollouts.stamps.close("waits for the coordinator of rollouts");
      return rollouts;
    }
    try {
      rollouts.coordinate(new FlowParticipants(plan, inProcess));
    } catch (FlowException failure) {
      rollouts.refuse(String.valueOf(failure.getMessage()));
    }
    return rollouts;
  }

  private void coordinate(FlowParticipants participants) throws InterruptedException {
    Map<Identity, Peer> peers = participants.peers();
    if (!isShared
        && peers.keySet().stream().noneMatch(each -> each.kind() == Identity.Kind.ENCODER)) {
      peers.values().forEach(Peer::close);
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION, "rollouts: no encoder (expected: one in the Flow)");
    }
    Path folder = plan.gateway().workspace().resolve(FOLDER);
    try {
      open.add(take(folder));
    } catch (FlowException failure) {
      peers.values().forEach(Peer::close);
      throw failure;
    }
    RolloutStore store = new RolloutStore(new FolderRecords(folder));
    Coordinator made = new Coordinator(store, options(participants), InstantSource.system());
    open.add(made);
    if (isShared) {
      resume(made);
    }
    peers.forEach(made::add);
    made.add(part.identity(), part);
    if (!made.awaitServing(CURRENT_TIME)) {
      log.atWarn().log("not all participants are where the Flow is; serving nevertheless");
    }
    coordinator = made;
    if (isShared) {
      watch(made);
    }
  }

  /// Learns what is live before encoders of other processes have registered, which they can only
  /// once the gateway listens; one that cannot must not serve anything.
  private void resume(Coordinator made) {
    try {
      made.resume();
    } catch (FlowException failure) {
      stamps.close("does not know what is live: " + failure.getMessage());
      throw failure;
    }
  }

  /// Takes the folder of the Flow's rollouts, for as long as this process alone has it.
  private static ProcessLock take(Path folder) {
    try {
      Files.createDirectories(folder);
      return ProcessLock.acquire(
          folder.resolve(LOCK),
          _ ->
              new FlowException(
                  ErrorCode.FAILED_PRECONDITION,
                  "workspace: %s is another running Flow's (expected: one of its own)"
                      .formatted(folder)));
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "workspace: %s cannot be written: %s (expected: a folder that can)"
              .formatted(folder, e.getMessage()),
          e);
    }
  }

  private Timing timing() {
    GatewayPlan.Admin admin = plan.gateway().admin();
    return admin == null ? Timing.DEFAULT : Timing.DEFAULT.withTimeToLive(admin.lease());
  }

  /// Stamps only as long as it is known that no other coordinator took over.
  private void watch(Coordinator made) {
    Duration lease = timing().timeToLive();
    long time = lease.toNanos();
    Authority authority =
        new Authority(
            lease.dividedBy(3),
            asked -> {
              if (made.verify()) {
                stamps.openUntil(asked + time, "its rollouts cannot be read (expected: in time)");
              }
            });
    open.add(authority);
  }

  /// Takes part in the rollouts that another gateway coordinates.
  private void follow(AdminOptions admin, CoordinatorOptions where, int port) {
    String host = where.advertised();
    RegisterRequest who =
        RegisterRequest.newBuilder()
            .setKind(part.identity().kind().label())
            .setName(part.identity().name())
            .setAddress((host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port)
            .build();
    open.add(
        Registration.start(
            where,
            who,
            (end, current) -> {
              if (current) {
                stamps.openUntil(end, LAPSED);
              }
            }));
    log.atInfo().addKeyValue("admin", admin).log("rollouts are coordinated elsewhere");
  }

  private Coordinator.Options options(FlowParticipants participants) {
    Map<String, Integer> live = new HashMap<>();
    for (ModelVersion each : PlannedGateway.live(plan)) {
      live.put(each.name(), each.version());
    }
    return new Coordinator.Options(
        Catalog.of(participants.store()),
        participants::where,
        live,
        participants.expected(),
        isShared,
        timing(),
        () -> stamps.close("another coordinator took over (expected: to be started again)"),
        new FlowJudge(calls),
        new FlowJudgments(calls));
  }

  private void refuse(String reason) {
    close();
    refusal = reason;
    log.atInfo().addKeyValue("reason", reason).log("no rollouts");
  }

  /// What the gateway stamps.
  LiveModels live() {
    return stamps;
  }

  /// Serves the admin port where the plan has one.
  void listen() {
    GatewayPlan.Admin where = plan.gateway().admin();
    if (where != null) {
      AdminOptions options = new AdminOptions(where.host(), where.port(), where.token());
      AdminServer serving = AdminServer.start(options, services(where));
      admin = serving;
      open.add(serving);
      if (where.httpPort() != null) {
        AdminOptions over = new AdminOptions(where.host(), where.httpPort(), where.token());
        RolloutsPort pages = RolloutsPort.start(over, service());
        adminHttp = pages;
        open.add(pages);
      }
      if (where.coordinator() != null) {
        follow(
            options,
            CoordinatorOptions.of(where.coordinator(), where.advertise(), options),
            serving.port());
      }
    }
  }

  private List<BindableService> services(GatewayPlan.Admin where) {
    if (follows()) {
      ParticipantService service = new ParticipantService(part);
      open.add(service);
      return List.of(service);
    }
    RolloutsService service = service();
    Coordinator made = coordinator;
    return made == null || !isShared
        ? List.of(service)
        : List.of(service, new RegistryService(made, where.token()));
  }

  private @Nullable Router router() {
    return router;
  }

  /// Takes the gateway's router for the Flow's own requests, and lets tuned models go live where
  /// the plan says so.
  void serve(Router serving) {
    router = serving;
    GatewayPlan.Promotion promotion = plan.gateway().promotion();
    Coordinator made = coordinator;
    if (promotion != null && made != null) {
      Promotions promotions = new Promotions(promotion, calls, made);
      open.add(new Authority(PROMOTION_PAUSE, _ -> promotions.look()));
    } else if (promotion != null) {
      log.atWarn().addKeyValue("reason", refusal).log("tuned models do not go live by themselves");
    }
  }

  private RolloutsService service() {
    RolloutsService service = new RolloutsService(this::coordinator);
    open.add(service);
    return service;
  }

  /// Whether another gateway coordinates.
  private boolean follows() {
    GatewayPlan.Admin where = plan.gateway().admin();
    return where != null && where.coordinator() != null;
  }

  /// Whether the gateway knows what is live.
  boolean isOpen() {
    return stamps.isOpen();
  }

  private Coordinator coordinator() {
    Coordinator made = coordinator;
    if (made == null) {
      throw new FlowException(ErrorCode.FAILED_PRECONDITION, refusal);
    }
    return made;
  }

  int adminHttpPort() {
    return adminHttp == null ? -1 : adminHttp.port();
  }

  int adminPort() {
    return admin == null ? -1 : admin.port();
  }

  @Override
  public void close() {
    for (AutoCloseable each : open.reversed()) {
      try {
        each.close();
      } catch (Exception failure) { // stopping goes on
        log.atWarn().setCause(failure).log("rollouts: cannot be closed");
      }
    }
    open.clear();
  }
}

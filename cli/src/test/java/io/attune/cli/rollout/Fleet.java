package io.attune.cli.rollout;

import io.attune.cli.client.FlowClient;
import io.attune.gateway.rollout.record.FolderRecords;
import io.attune.gateway.rollout.record.RolloutStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/// A Flow in processes of its own: a gateway that coordinates, one that follows it, two replicas of
/// the encoder, the indexer, and a trainer, which takes no part in rollouts, each always at the
/// same ports and with the same workspace.
final class Fleet implements AutoCloseable {
  static final String TOKEN = "a-token-that-is-long";

  /// In which a gateway whose lease ended asks again, and its health tells.
  private static final Duration ASKS_AGAIN = Duration.ofMillis(1_500);

  private static final Duration START = Duration.ofMinutes(3);
  private static final Duration PULSE = Duration.ofMillis(100);

  /// A thread that sleeps for so much too long was not held up by others: nothing ran.
  private static final Duration STOOD_STILL = Duration.ofSeconds(3);

  /// The processes.
  enum Role {
    COORDINATOR,
    GATEWAY,
    ENCODER,
    SECOND_ENCODER,
    INDEXER,
    TRAINER;

    boolean isGateway() {
      return this == COORDINATOR || this == GATEWAY;
    }

    private String uses() {
      return switch (this) {
        case COORDINATOR, GATEWAY -> "Gateway";
        case ENCODER, SECOND_ENCODER -> "Encoder";
        case INDEXER -> "Indexer";
        case TRAINER -> "Trainer";
      };
    }
  }

  final Outages outages = new Outages();
  private final Path folder;
  private final Path store;
  private final Map<Role, ChildProcess> processes = new EnumMap<>(Role.class);
  private final Thread pulse = Thread.ofPlatform().daemon().name("pulse").unstarted(this::beat);
  private final Map<Role, Integer> ports = new EnumMap<>(Role.class);
  private final Map<Role, Integer> adminPorts = new EnumMap<>(Role.class);

  private Fleet(Path folder, Path store) {
    this.folder = folder;
    this.store = store;
  }

  /// Starts all and returns when both gateways serve.
  ///
  /// @param store with version 1 of the model `m`
  static Fleet start(Path folder, Path store, int leaseSeconds)
      throws IOException, InterruptedException {
    Fleet fleet = new Fleet(folder, store);
    Random random = new Random();
    Set<Integer> taken = new HashSet<>();
    for (Role role : Role.values()) {
      fleet.ports.put(role, freePort(random, taken));
      fleet.adminPorts.put(role, freePort(random, taken));
    }
    for (Role role : Role.values()) {
      List<String> command =
          role.isGateway() ? fleet.gateway(role, leaseSeconds) : fleet.executor(role);
      fleet.processes.put(role, new ChildProcess(fleet.log(role), command));
    }
    try {
      for (Role role : Role.values()) {
        fleet.process(role).start();
      }
      for (Role role : Role.values()) {
        fleet.awaitServing(role);
      }
      fleet.pulse.start();
    } catch (IOException | InterruptedException | RuntimeException | AssertionError failure) {
      fleet.close();
      throw failure;
    }
    return fleet;
  }

  /// A port that nobody listens on, and that no connection gets by chance.
  private static int freePort(Random random, Set<Integer> taken) {
    while (true) {
      int port = 20_000 + random.nextInt(10_000);
      try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        if (taken.add(port)) {
          return port;
        }
      } catch (IOException _) {
        // somebody listens there
      }
    }
  }

  private List<String> gateway(Role role, int leaseSeconds) throws IOException {
    String admin =
        role == Role.COORDINATOR
            ? "lease_seconds: " + leaseSeconds
            : "coordinator: 'localhost:%d'".formatted(adminPorts.get(Role.COORDINATOR));
    String yaml =
        """
        jtype: Flow
        gateway:
          protocol: GRPC
          host: 127.0.0.1
          port: %d
          workspace: "%s"
          attune: {admin_port: %d, admin_token: %s, %s}
        executors:
          - name: encoder
            uses: Encoder
            external: true
            host: [127.0.0.1, 127.0.0.1]
            port: [%d, %d]
            uses_with: {store: "%s"}
          - {name: indexer, uses: Indexer, external: true, host: 127.0.0.1, port: %d}
          - {name: trainer, uses: Trainer, external: true, host: 127.0.0.1, port: %d}
        """
            .formatted(
                ports.get(role),
                folder.resolve(role.name()),
                adminPorts.get(role),
                TOKEN,
                admin,
                ports.get(Role.ENCODER),
                ports.get(Role.SECOND_ENCODER),
                store,
                ports.get(Role.INDEXER),
                ports.get(Role.TRAINER));
    Path file = folder.resolve(role + ".yml");
    Files.writeString(file, yaml);
    return List.of("gateway", file.toString());
  }

  private List<String> executor(Role role) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("executor", "--uses", role.uses()));
    command.addAll(List.of("--host", "127.0.0.1", "--port", String.valueOf(ports.get(role))));
    command.addAll(List.of("--workspace", folder.resolve(role.name()).toString()));
    if (role == Role.TRAINER) {
      with(command, "runs", folder.resolve("runs").toString());
      with(command, "store", store.toString());
      return command;
    }
    with(command, "admin_port", String.valueOf(adminPorts.get(role)));
    with(command, "admin_token", TOKEN);
    with(command, "coordinator", "localhost:" + adminPorts.get(Role.COORDINATOR));
    if (role != Role.INDEXER) {
      with(command, "model", "m@1");
      with(command, "store", store.toString());
      with(command, "sessions", "1");
    }
    return command;
  }

  private static void with(List<String> command, String key, String value) {
    command.add("--with");
    command.add(key + "=" + value);
  }

  private ChildProcess process(Role role) {
    return Objects.requireNonNull(processes.get(role));
  }

  /// What a process wrote.
  Path log(Role role) {
    return folder.resolve(role + ".log");
  }

  String address(Role role) {
    return "127.0.0.1:" + ports.get(role);
  }

  /// Where rollouts are steered.
  RolloutsClient rollouts() {
    return new RolloutsClient("127.0.0.1:" + adminPorts.get(Role.COORDINATOR), TOKEN);
  }

  /// What the coordinator has written down.
  RolloutStore records() {
    return new RolloutStore(
        new FolderRecords(
            folder.resolve(Role.COORDINATOR.name()).resolve("gateway").resolve("rollouts")));
  }

  /// Takes away what a process kept that does not run.
  void empty(Role role) throws IOException {
    Path workspace = folder.resolve(role.name());
    if (Files.exists(workspace)) {
      try (Stream<Path> files = Files.walk(workspace)) {
        for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
  }

  /// Kills a process.
  void kill(Role role) {
    outages.begins(role);
    process(role).kill();
  }

  /// Starts a process again, and returns when it serves.
  void startAgain(Role role) throws IOException, InterruptedException {
    process(role).start();
    awaitServing(role);
    outages.serves(role);
    if (role == Role.COORDINATOR) {
      awaitServing(Role.GATEWAY);
      Thread.sleep(ASKS_AGAIN.toMillis()); // its lease may have ended just before it asked again
      awaitServing(Role.GATEWAY);
    }
    outages.ends(role);
  }

  void pause(Role role) throws IOException, InterruptedException {
    outages.begins(role);
    process(role).pause();
  }

  /// Lets a process go on, and returns when it serves.
  void resume(Role role) throws IOException, InterruptedException {
    process(role).resume();
    awaitServing(role);
    outages.ends(role);
  }

  private void awaitServing(Role role) throws IOException, InterruptedException {
    long end = System.nanoTime() + START.toNanos();
    while (true) {
      if (!process(role).isAlive() || System.nanoTime() - end > 0) {
        throw new AssertionError(
            "%s does not serve: %s".formatted(role, Files.readString(log(role))));
      }
      if (serves(role)) {
        return;
      }
      Thread.sleep(20);
    }
  }

  private boolean serves(Role role) {
    try (FlowClient client = FlowClient.connect(address(role))) {
      return client.isServing(Duration.ofSeconds(1));
    }
  }

  /// Notices when the machine stood still, and when the gateways have their leases again.
  private void beat() {
    try {
      while (true) {
        long before = System.nanoTime();
        Thread.sleep(PULSE);
        if (System.nanoTime() - before > STOOD_STILL.toNanos()) {
          Runnable end = outages.stoodStill(before);
          Thread.sleep(ASKS_AGAIN);
          while (!serves(Role.COORDINATOR) || !serves(Role.GATEWAY)) {
            Thread.sleep(PULSE);
          }
          Thread.sleep(ASKS_AGAIN);
          end.run();
        }
      }
    } catch (InterruptedException _) {
      // closed
    }
  }

  @Override
  public void close() {
    pulse.interrupt();
    processes.values().forEach(ChildProcess::close);
  }
}

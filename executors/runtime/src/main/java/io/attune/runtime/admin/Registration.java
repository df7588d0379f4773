package io.attune.runtime.admin;

import io.attune.proto.attune.Lease;
import io.attune.proto.attune.LeaveRequest;
import io.attune.proto.attune.RegisterRequest;
import io.attune.proto.attune.RegistryGrpc;
import io.attune.proto.attune.RegistryGrpc.RegistryBlockingStub;
import io.attune.runtime.channel.Address;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A participant's place at a coordinator in another process: registers, renews the lease at a
/// third of its time, registers anew when it lapsed, and leaves when it is closed.
public final class Registration implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Registration.class);
  private static final Duration CALL_TIME = Duration.ofSeconds(15);
  private static final Duration LEAVE_TIME = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration SOON = Duration.ofMillis(50);

  private final ManagedChannel channel;
  private final RegistryBlockingStub stub;
  private final RegisterRequest who;
  private final Listener listener;
  private final Thread thread;
  private volatile String lease = "";
  private String told = "";

  /// Hears of leases.
  @FunctionalInterface
  public interface Listener {
    /// There is one.
    ///
    /// @param endNanos when it ends, as [System#nanoTime] has it, counted from before it was asked
    ///   for
    /// @param current whether the participant is where the Flow is
    void leased(long endNanos, boolean current);
  }

  /// @param who without a lease
  private Registration(CoordinatorOptions options, RegisterRequest who, Listener listener) {
    this.who = who;
    this.listener = listener;
    NettyChannelBuilder builder = NettyChannelBuilder.forTarget(options.coordinator().target());
    if (options.coordinator().scheme() != Address.Scheme.GRPCS) {
      builder.usePlaintext();
    }
    this.channel = builder.build();
    Metadata headers = new Metadata();
    if (options.token() != null) {
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
          "Bearer " + options.token());
    }
    this.stub =
        RegistryGrpc.newBlockingStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    this.thread = Thread.ofVirtual().name("registration").unstarted(this::run);
  }

  /// Registers a participant, and goes on trying until it is.
  public static Registration start(
      CoordinatorOptions options, RegisterRequest who, Listener listener) {
    Registration registration = new Registration(options, who, listener);
    registration.thread.start();
    return registration;
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(renewed());
      }
    } catch (InterruptedException _) {
      // closed
    }
  }

  /// Asks for a lease, or for more of it.
  ///
  /// @return when to ask again
  private Duration renewed() throws InterruptedException {
    long asked = System.nanoTime();
    try {
      Lease held =
          stub.withDeadlineAfter(CALL_TIME).register(who.toBuilder().setLease(lease).build());
      lease = held.getLease();
      listener.leased(
          asked + TimeUnit.MILLISECONDS.toNanos(held.getTimeToLive()), held.getCurrent());
      tell("");
      Duration third = Duration.ofMillis(Math.max(1, held.getTimeToLive() / 3));
      return held.getCurrent() || third.compareTo(SOON) < 0 ? third : SOON;
    } catch (StatusRuntimeException failure) {
      if (Thread.interrupted()) {
        throw new InterruptedException("closed");
      }
      if (failure.getStatus().getCode() == Status.Code.NOT_FOUND && !lease.isEmpty()) {
        lease = "";
        return Duration.ZERO;
      }
      tell(Objects.toString(failure.getMessage()));
      channel.resetConnectBackoff(); // a coordinator that is back is found at the next try
      return PAUSE;
    }
  }

  /// Logs what is new.
  private void tell(@Nullable String problem) {
    String now = Objects.toString(problem);
    if (!now.equals(told)) {
      told = now;
      if (now.isEmpty()) {
        log.atInfo().log("registered with the coordinator of rollouts");
      } else {
        log.atWarn().addKeyValue("reason", now).log("cannot register with the coordinator");
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
      if (!lease.isEmpty()) {
        var _ =
            stub.withDeadlineAfter(LEAVE_TIME)
                .leave(LeaveRequest.newBuilder().setLease(lease).build());
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (StatusRuntimeException _) {
      // the lease lapses by itself
    } finally {
      channel.shutdownNow();
    }
  }
}

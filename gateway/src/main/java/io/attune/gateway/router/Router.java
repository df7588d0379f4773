package io.attune.gateway.router;

import com.google.protobuf.Timestamp;
import io.attune.document.Document;
import io.attune.gateway.graph.Plan;
import io.attune.gateway.graph.Plans;
import io.attune.gateway.graph.Topology;
import io.attune.gateway.message.Envelope;
import io.attune.proto.jina.HeaderProto;
import io.attune.proto.jina.RouteProto;
import io.attune.proto.jina.StatusProto;
import io.attune.runtime.Access;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.Priority;
import io.grpc.Metadata;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The way of every request, whichever port it came by: takes a place, finds the plan of its
/// endpoint, checks who may, stamps it with the live model versions, sends it through the graph,
/// and puts its own route in front of the executors'.
///
/// Never blocks. Until [#open] is called, requests are refused as UNAVAILABLE.
public final class Router {
  /// The endpoint that searches.
  private static final String SEARCH = "/search";

  private final Shared shared;
  private final Shadows shadows;
  private final LiveModels live;
  private final String name;
  private volatile @Nullable Plans plans;
  private volatile String waitingFor = "starting";

  /// @param backends how each node's executor is called, by the node's number
  /// @param merging where documents are merged: not the transport's threads
  public Router(
      String name,
      Topology topology,
      List<Backend> backends,
      LiveModels live,
      RouterLimits limits,
      MeterRegistry registry,
      Executor merging) {
    this.name = name;
    this.live = live;
    Admission admission = new Admission(limits.maxRequestsInFlight(), limits.maxBytesInFlight());
    GatewayMetrics metrics = new GatewayMetrics(registry, name + "/rep-0", admission);
    this.shared =
        new Shared(topology, backends, admission, metrics, InstantSource.system(), merging);
    this.shadows = new Shadows(shared, limits.shadowTime());
  }

  /// Serves requests from now on.
  public void open(Plans compiled) {
    plans = compiled;
  }

  /// Says why requests are refused before [#open].
  public void waitingFor(String reason) {
    waitingFor = reason;
  }

  /// Why requests are refused before [#open].
  public String waiting() {
    return waitingFor;
  }

  /// The plans; null before [#open].
  public @Nullable Plans plans() {
    return plans;
  }

  /// Refuses new requests from now on.
  public void drain() {
    shared.admission().drain();
    shadows.stop();
  }

  /// Waits until no request is under way, floating executors included.
  ///
  /// @return whether that came about in time
  public boolean awaitIdle(Duration atMost) throws InterruptedException {
    return shared.admission().awaitEmpty(atMost);
  }

  /// Sends a request on its way, in the current [io.grpc.Context].
  ///
  /// @param done told the outcome once, in this thread or another
  public void route(Inbound inbound, Consumer<Outcome> done) {
    long startNanos = System.nanoTime();
    Timestamp start = shared.now();
    Envelope request = named(inbound.request());
    int size = request.payload().size();
    shared.metrics().received(size);
    Plan plan;
    Envelope forwarded;
    Metadata headers;
    LiveModels.Stamp stamp = null;
    try {
      plan = plan(request.header());
      stamp = stamp(plan, inbound);
      headers = headers(inbound, priority(inbound, plan.access()), stamp);
      forwarded = request.withHeader(forwarded(request.header()));
      shared.admission().enter(size);
    } catch (FlowException refusal) {
      if (stamp != null) {
        stamp.release();
      }
      Outcome outcome = routed(Hops.refused(request, refusal, name), start);
      shared.metrics().ended(outcome, System.nanoTime() - startNanos);
      done.accept(outcome);
      return;
    }
    LiveModels.Stamp stamped = stamp;
    Consumer<Outcome> ended =
        outcome -> {
          Outcome routed = routed(outcome, start);
          long nanos = System.nanoTime() - startNanos;
          shared.metrics().ended(routed, nanos);
          stamped.ended(routed instanceof Outcome.Answered, nanos);
          try {
            done.accept(routed);
          } finally {
            shared.admission().leave(size);
            stamped.release();
          }
          LiveModels.Shadow shadow = stamped.shadow();
          if (shadow != null && outcome instanceof Outcome.Answered(Envelope answer)) {
            shadows.add(new Shadows.Answered(plan, inbound, forwarded, answer, shadow));
          }
        };
    stamped.hold(); // the end may come before floating executors are called
    try {
      new Run(plan, forwarded, new Hops(shared, headers, stamped), ended).start();
    } finally {
      stamped.release();
    }
  }

  private LiveModels.Stamp stamp(Plan plan, Inbound inbound) {
    List<ModelVersion> chosen = plan.access() == Access.READ ? inbound.said().models() : List.of();
    boolean isSearch =
        plan.access() == Access.READ
            && !plan.callsNothing()
            && inbound.request().header().getExecEndpoint().equals(SEARCH);
    return isSearch ? live.search(chosen, () -> SearchIdentity.of(inbound)) : live.stamp(chosen);
  }

  /// The request with an id, which its answer carries: feedback on a search names it.
  private static Envelope named(Envelope request) {
    return request.header().getRequestId().isEmpty()
        ? request.withHeader(request.header().toBuilder().setRequestId(Document.newId()).build())
        : request;
  }

  private Plan plan(HeaderProto header) {
    Plans compiled = plans;
    if (compiled == null) {
      throw new FlowException(ErrorCode.UNAVAILABLE, "gateway: " + waitingFor);
    }
    Plan plan = compiled.of(header.getExecEndpoint());
    if (!header.getTargetExecutor().isEmpty()) {
      plan = plan.targeting(header.getTargetExecutor());
    }
    if (plan.access() == Access.ADMIN) {
      throw new FlowException(
          ErrorCode.PERMISSION_DENIED,
          "endpoint: %s changes how the Flow works (expected: a call on the admin port)"
              .formatted(header.getExecEndpoint()));
    }
    return plan;
  }

  private static HeaderProto forwarded(HeaderProto header) {
    return header.hasTargetExecutor() || header.hasStatus()
        ? header.toBuilder().clearTargetExecutor().clearStatus().build()
        : header;
  }

  private static Priority priority(Inbound inbound, Access access) {
    return access == Access.WRITE || inbound.said().priority() == Priority.BULK
        ? Priority.BULK
        : Priority.INTERACTIVE;
  }

  /// The metadata of the calls of a request.
  static Metadata headers(Inbound inbound, Priority priority, LiveModels.Stamp stamp) {
    Metadata headers = new Metadata();
    headers.merge(inbound.forwarded());
    new CallMetadata(stamp.models(), priority, false, 0).writeTo(headers);
    String endpoint = inbound.request().header().getExecEndpoint();
    if (endpoint.chars().allMatch(c -> c > ' ' && c < 127)) {
      headers.put(CallMetadata.ENDPOINT, endpoint);
    }
    return headers;
  }

  private Outcome routed(Outcome outcome, Timestamp start) {
    Envelope message = outcome.message();
    RouteProto.Builder own =
        RouteProto.newBuilder().setExecutor(name).setStartTime(start).setEndTime(shared.now());
    StatusProto status = message.header().getStatus();
    if (status.getCode() == StatusProto.StatusCode.ERROR) {
      own.setStatus(StatusProto.newBuilder().setCode(StatusProto.StatusCode.ERROR));
    }
    List<RouteProto> routes = new ArrayList<>(message.routes().size() + 1);
    routes.add(own.build());
    routes.addAll(message.routes());
    Envelope complete = message.withRoutes(routes);
    return switch (outcome) {
      case Outcome.Answered _ -> new Outcome.Answered(complete);
      case Outcome.Failed _ -> new Outcome.Failed(complete);
      case Outcome.Refused(FlowException cause, _) -> new Outcome.Refused(cause, complete);
    };
  }
}

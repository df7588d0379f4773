package io.attune.gateway.router;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.gateway.graph.Node;
import io.attune.gateway.graph.Plan;
import io.attune.gateway.graph.Topology;
import io.attune.gateway.message.Envelope;
import io.attune.proto.jina.HeaderProto;
import io.attune.proto.jina.RouteProto;
import io.attune.proto.jina.StatusProto;
import io.grpc.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One request on its way through the graph. Never blocks: it goes on in the thread in which an
/// executor's answer arrives.
///
/// Each node has one step, written once: what left the node. A node is entered by the thread that
/// completes the last of its parents, which `missing` decides; its write to `steps` happens before
/// that. A failed step makes every node below it a failed step without a call. The nodes at the end
/// are below all nodes that are waited for, so when they have a step, the request is done, and the
/// failure told is that of the first failed node in the graph's order, whichever came first in
/// time.
final class Run {
  private final Plan plan;
  private final Topology topology;
  private final Envelope request;
  private final Hops hops;
  private final Context context;
  private final Consumer<Outcome> done;
  private final AtomicReferenceArray<Step> steps;
  private final AtomicIntegerArray missing;
  private final AtomicInteger missingEnds;

  /// What left a node.
  sealed interface Step {
    /// The request for the nodes below.
    ///
    /// @param results what the executor returned beside documents
    /// @param route the hop; null where nobody was called
    record Passed(Envelope output, Struct results, @Nullable RouteProto route) implements Step {}

    /// A failure.
    ///
    /// @param route the hop; null where nobody was called
    record Stopped(Outcome outcome, @Nullable RouteProto route) implements Step {}
  }

  Run(Plan plan, Envelope request, Hops hops, Consumer<Outcome> done) {
    this.plan = plan;
    this.topology = plan.topology();
    this.request = request;
    this.hops = hops;
    this.context = Context.current();
    this.done = done;
    this.steps = new AtomicReferenceArray<>(topology.size());
    this.missing = new AtomicIntegerArray(topology.size());
    for (int i = 0; i < topology.size(); i++) {
      missing.set(i, topology.parents(i).length);
    }
    this.missingEnds = new AtomicInteger(topology.ends().length);
  }

  void start() {
    boolean answersItself = topology.ends().length == 0;
    if (answersItself) {
      done.accept(new Outcome.Answered(finished(request, List.of())));
    }
    for (int root : topology.roots()) {
      arrive(root);
    }
  }

  private void arrive(int node) {
    if (missing.decrementAndGet(node) == 0) {
      enter(node);
    }
  }

  private void enter(int node) {
    Step.Stopped stopped = stoppedAbove(node);
    if (stopped != null) {
      leave(node, new Step.Stopped(stopped.outcome(), null));
      return;
    }
    List<Envelope> parts = new ArrayList<>(topology.parents(node).length);
    for (int parent : topology.parents(node)) {
      parts.add(parent == Topology.REQUEST ? request : passed(parent).output());
    }
    Node target = topology.node(node);
    if (parts.size() > 1 && !(plan.calls(node) && !target.reduces())) {
      hops.merge(parts, request, context, merged -> entered(node, merged));
    } else {
      entered(node, new Hops.Merged.Parts(parts));
    }
  }

  private void entered(int node, Hops.Merged merged) {
    switch (merged) {
      case Hops.Merged.Impossible(Outcome outcome) -> leave(node, new Step.Stopped(outcome, null));
      case Hops.Merged.Parts(List<Envelope> parts) when plan.calls(node) -> {
        boolean floats = topology.floating(node);
        Context calling = floats ? Context.ROOT : context;
        hops.call(node, parts, request, calling, floats, step -> leave(node, step));
      }
      case Hops.Merged.Parts(List<Envelope> parts) ->
          leave(node, new Step.Passed(parts.getFirst(), Struct.getDefaultInstance(), null));
    }
  }

  private void leave(int node, Step step) {
    steps.set(node, step);
    for (int child : topology.children(node)) {
      arrive(child);
    }
    for (int end : topology.ends()) {
      if (end == node && missingEnds.decrementAndGet() == 0) {
        finish();
      }
    }
  }

  private void finish() {
    for (int i = 0; i < topology.size(); i++) {
      if (!topology.floating(i) && steps.get(i) instanceof Step.Stopped(Outcome outcome, _)) {
        done.accept(withRoutes(outcome));
        return;
      }
    }
    List<Envelope> parts = new ArrayList<>();
    for (int end : topology.ends()) {
      parts.add(passed(end).output());
    }
    if (parts.size() == 1) {
      done.accept(new Outcome.Answered(finished(parts.getFirst(), routes())));
      return;
    }
    hops.merge(
        parts,
        request,
        context,
        merged ->
            done.accept(
                switch (merged) {
                  case Hops.Merged.Impossible(Outcome outcome) -> withRoutes(outcome);
                  case Hops.Merged.Parts(List<Envelope> one) ->
                      new Outcome.Answered(finished(one.getFirst(), routes()));
                }));
  }

  private Outcome withRoutes(Outcome outcome) {
    Envelope message = outcome.message();
    return switch (outcome) {
      case Outcome.Answered _ -> new Outcome.Answered(finished(message, routes()));
      case Outcome.Failed _ -> new Outcome.Failed(finished(message, routes()));
      case Outcome.Refused(var cause, _) -> new Outcome.Refused(cause, finished(message, routes()));
    };
  }

  private Envelope finished(Envelope answer, List<RouteProto> routes) {
    HeaderProto.Builder header =
        answer.header().toBuilder().setRequestId(request.header().getRequestId());
    if (answer.header().getStatus().equals(StatusProto.getDefaultInstance())) {
      header.clearStatus();
    }
    return new Envelope(header.build(), parameters(), routes, answer.payload());
  }

  private Struct parameters() {
    Struct.Builder results = Struct.newBuilder();
    for (int i = 0; i < topology.size(); i++) {
      if (!topology.floating(i) && steps.get(i) instanceof Step.Passed step) {
        results.putAllFields(step.results().getFieldsMap());
      }
    }
    if (results.getFieldsCount() == 0) {
      return request.parameters();
    }
    Struct before =
        request
            .parameters()
            .getFieldsOrDefault(ExecutorParameters.RESULTS, Value.getDefaultInstance())
            .getStructValue();
    Struct merged = before.toBuilder().putAllFields(results.getFieldsMap()).build();
    return request.parameters().toBuilder()
        .putFields(ExecutorParameters.RESULTS, Value.newBuilder().setStructValue(merged).build())
        .build();
  }

  private List<RouteProto> routes() {
    List<RouteProto> routes = new ArrayList<>(topology.size());
    for (int i = 0; i < topology.size(); i++) {
      RouteProto route =
          switch (steps.get(i)) {
            case Step.Passed passed -> passed.route();
            case Step.Stopped stopped -> stopped.route();
            case null -> null;
          };
      if (route != null && !topology.floating(i)) {
        routes.add(route);
      }
    }
    return routes;
  }

  private Step.@Nullable Stopped stoppedAbove(int node) {
    for (int parent : topology.parents(node)) {
      if (parent != Topology.REQUEST && steps.get(parent) instanceof Step.Stopped stopped) {
        return stopped;
      }
    }
    return null;
  }

  private Step.Passed passed(int node) {
    return (Step.Passed) steps.get(node);
  }
}

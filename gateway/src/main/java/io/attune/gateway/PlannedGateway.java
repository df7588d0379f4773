package io.attune.gateway;

import io.attune.flows.ExecutorPlan;
import io.attune.flows.FlowPlan;
import io.attune.flows.GatewayPlan;
import io.attune.flows.Protocol;
import io.attune.gateway.graph.Node;
import io.attune.gateway.graph.Topology;
import io.attune.gateway.grpc.GrpcPort;
import io.attune.gateway.router.ExecutorBackend;
import io.attune.gateway.router.LiveModels;
import io.attune.gateway.router.RouterLimits;
import io.attune.gateway.web.WebPort;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.channel.Address;
import io.attune.runtime.channel.ChannelOptions;
import io.attune.runtime.channel.EventLoops;
import io.attune.runtime.channel.ExecutorChannel;
import io.grpc.Metadata;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Gateways of checked Flows.
public final class PlannedGateway {
  private PlannedGateway() {}

  /// The gateway of a Flow, to be started.
  ///
  /// @param addresses where an executor is reached, see [#remote]; not asked for executors that
  ///   only pass requests on
  /// @param live what requests are stamped with, see [#live]
  public static Gateway of(
      FlowPlan plan,
      Function<ExecutorPlan, List<Address>> addresses,
      LiveModels live,
      PrometheusMeterRegistry registry) {
    GatewayOptions options = options(plan);
    EventLoops loops = EventLoops.start();
    Map<String, ExecutorBackend> executors = new HashMap<>();
    for (ExecutorPlan executor : plan.executors()) {
      if (!executor.passThrough()) {
        ExecutorChannel channel =
            ExecutorChannel.open(
                executor.name(), addresses.apply(executor), calls(executor), loops);
        executors.put(
            executor.name(),
            new ExecutorBackend(channel, metadata(executor), executor.timeoutReady()));
      }
    }
    return new Gateway(options, topology(plan), executors, loops, live, registry, registry::scrape);
  }

  /// The versions that the Flow's file says are live.
  public static List<ModelVersion> live(FlowPlan plan) {
    return plan.live().stream().map(ModelVersion::parse).toList();
  }

  /// Where an executor is reached that runs in a process of its own.
  public static List<Address> remote(ExecutorPlan executor) {
    ExecutorPlan.@Nullable External external = executor.external();
    if (external == null) {
      String host = executor.host().equals("0.0.0.0") ? "127.0.0.1" : executor.host();
      return List.of(new Address(Address.Scheme.GRPC, host, executor.port()));
    }
    return external.addresses().stream()
        .map(address ->
            new Address(
                address.tls() ? Address.Scheme.GRPCS : Address.Scheme.GRPC,
                address.host(),
                address.port()))
        .toList();
  }

  static Topology topology(FlowPlan plan) {
    List<Node> nodes = new ArrayList<>();
    for (ExecutorPlan executor : plan.executors()) {
      List<String> needs = plan.graph().needs().getOrDefault(executor.name(), List.of());
      nodes.add(new Node(executor.name(), needs, executor.reduce()));
    }
    return Topology.of(nodes, plan.graph().last().stream().toList());
  }

  static GatewayOptions options(FlowPlan plan) {
    GatewayPlan gateway = plan.gateway();
    if (gateway.ports().containsKey(Protocol.WEBSOCKET)) {
      throw new FlowException(
          ErrorCode.UNIMPLEMENTED, "protocol: websocket (expected: grpc or http)");
    }
    Integer grpc = gateway.ports().get(Protocol.GRPC);
    Integer web = gateway.ports().get(Protocol.HTTP);
    return new GatewayOptions(
        gateway.name(),
        grpc == null
            ? null
            : new GrpcPort.Options(
                gateway.host(), grpc, gateway.prefetch(), gateway.maxMessageBytes()),
        web == null ? null : web(gateway, web),
        RouterLimits.standard(),
        GatewayOptions.DEFAULT_GRACE);
  }

  private static WebPort.Options web(GatewayPlan gateway, int port) {
    GatewayPlan.Web web = gateway.web();
    return new WebPort.Options(
        gateway.host(),
        port,
        gateway.maxMessageBytes(),
        WebPort.BODY_TIMEOUT,
        web.cors(),
        web.debugEndpoints(),
        web.crudEndpoints(),
        web.title(),
        web.description());
  }

  private static ChannelOptions calls(ExecutorPlan executor) {
    ChannelOptions standard = ChannelOptions.DEFAULT;
    return new ChannelOptions(
        executor.timeoutSend(),
        executor.retries(),
        standard.keepAlive(),
        executor.maxMessageBytes(),
        null);
  }

  private static Metadata metadata(ExecutorPlan executor) {
    Metadata metadata = new Metadata();
    ExecutorPlan.@Nullable External external = executor.external();
    if (external != null) {
      external
          .metadata()
          .forEach((name, value) ->
              metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value));
    }
    return metadata;
  }
}

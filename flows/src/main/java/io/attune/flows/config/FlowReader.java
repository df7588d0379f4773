package io.attune.flows.config;

import io.attune.flows.config.FlowConfig.Inspect;
import io.attune.flows.yaml.Keys;
import io.attune.flows.yaml.Place;
import io.attune.flows.yaml.Problems;
import io.attune.flows.yaml.YamlNode;
import io.attune.flows.yaml.YamlNode.Mapping;
import io.attune.flows.yaml.YamlNode.Scalar;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Reads a Flow's file into a [FlowConfig]: keys of `with` go to the gateway and to every executor
/// that does not set them, as in Jina.
public final class FlowReader {
  /// What `with` has for the Flow alone.
  private static final Set<String> FLOW_ONLY =
      Set.of("name", "workspace", "inspect", "attune", "env", "args", "kwargs");

  /// What executors do not take from `with`.
  private static final Set<String> NOT_FOR_EXECUTORS =
      Set.of(
          "port",
          "ports",
          "port_monitoring",
          "uses",
          "uses_with",
          "protocol",
          "protocols",
          "needs",
          "method",
          "jtype",
          "title",
          "description",
          "cors",
          "ssl_certfile",
          "ssl_keyfile",
          "name",
          "inspect",
          "attune",
          "workspace",
          "env");

  /// What the gateway does not take from `with`.
  private static final Set<String> NOT_FOR_GATEWAY =
      Set.of(
          "uses",
          "uses_with",
          "name",
          "inspect",
          "attune",
          "workspace",
          "env",
          "replicas",
          "stateful",
          "floating");

  private static final Pattern LIVE = Pattern.compile("[^@,\\s]+@[1-9][0-9]{0,8}");

  private final Documents documents;
  private final Problems problems;

  public FlowReader(Documents documents, Problems problems) {
    this.documents = documents;
    this.problems = problems;
  }

  /// Reads a Flow; empty, with problems noted, where the document is none.
  public Optional<FlowConfig> flow(Document document) {
    if (!(document.root() instanceof Mapping given)) {
      problems.error(
          document.root().at(),
          "%s (expected: a mapping with jtype: Flow)".formatted(document.root().kind()));
      return Optional.empty();
    }
    Mapping root = Aliases.within(given, problems, "with", "gateway");
    Keys keys = Keys.of("", root, problems);
    checkHeader(keys, root, "Flow");
    Keys with = keys.keys("with");
    Mapping defaults = Optional.ofNullable(keys.mapping("with")).orElse(Mapping.empty(root.at()));
    Set<String> known = new LinkedHashSet<>(FLOW_ONLY);

    Keys gatewayKeys = keys.keys("gateway").inheriting("with", defaults, NOT_FOR_GATEWAY);
    GatewayConfig gateway = GatewayConfig.read(gatewayKeys);
    gatewayKeys.finish();
    known.addAll(gatewayKeys.asked());

    Entries entries = new Entries(document, defaults);
    known.addAll(entries.names());
    List<ExecutorConfig> executors = entries.read(keys);
    FlowConfig flow = options(with, gateway, executors);
    with.finish(known);
    keys.finish();
    return Optional.of(flow);
  }

  /// Reads one executor from a file: its own, or a Deployment.
  public Optional<ExecutorConfig> executor(Document document) {
    Mapping empty = Mapping.empty(document.root().at());
    if (!(document.root() instanceof Mapping root)) {
      problems.error(
          empty.at(), "%s (expected: a mapping with jtype)".formatted(document.root().kind()));
      return Optional.empty();
    }
    Entries entries = new Entries(document, empty);
    if (entries.deployment(root)) {
      return Optional.of(entries.entry("", root, document));
    }
    ExecutorFile file = ExecutorFile.read("", root, problems);
    Keys keys = Keys.of("", empty, problems);
    return Optional.of(ExecutorConfig.read(keys, _ -> new ExecutorSource.Described(file)));
  }

  private FlowConfig options(Keys with, GatewayConfig gateway, List<ExecutorConfig> executors) {
    Inspect inspect = with.oneOf("inspect", Inspect.class);
    Keys attune = with.keys("attune");
    List<String> live = attune.strings("live");
    for (String model : live) {
      if (!LIVE.matcher(model).matches()) {
        attune.error("live", '"' + model + '"', "name@version, such as all-MiniLM-L6-v2@1");
      }
    }
    attune.finish();
    with.ignore("write the keys themselves", List.of("args", "kwargs"));
    return new FlowConfig(
        with.string("name", "flow"),
        with.string("workspace"),
        inspect == null ? Inspect.HANG : inspect,
        Ignored.environment(with),
        live,
        gateway,
        executors);
  }

  private void checkHeader(Keys keys, Mapping root, String type) {
    String given = keys.string("jtype", root.type() == null ? "" : root.type());
    if (!given.equals(type)) {
      keys.error("jtype", given.isEmpty() ? "not given" : given, type);
    }
    String version = keys.string("version", "1");
    if (!Set.of("1", "1.0").contains(version)) {
      keys.error("version", '"' + version + '"', "'1'");
    }
  }

  /// The entries of `executors`.
  private final class Entries {
    private final Document document;
    private final Mapping defaults;

    Entries(Document document, Mapping defaults) {
      this.document = document;
      this.defaults = defaults;
    }

    /// The names an executor's keys have.
    Set<String> names() {
      Keys keys = Keys.of("", Mapping.empty(document.root().at()), new Problems());
      ExecutorConfig.read(keys, sources -> new ExecutorSource.Named(sources.string("uses", "")));
      return keys.asked();
    }

    List<ExecutorConfig> read(Keys keys) {
      boolean executors = keys.has("executors");
      boolean deployments = keys.has("deployments");
      String key = executors ? "executors" : "deployments";
      if (executors && deployments) {
        keys.error("deployments", "beside executors", "one of the two");
      }
      YamlNode node = keys.node(key);
      if (node != null && !(node instanceof YamlNode.Sequence)) {
        keys.error(key, node.kind(), "a list");
        return List.of();
      }
      List<ExecutorConfig> entries = new ArrayList<>();
      for (YamlNode item : keys.items(key)) {
        one(key + "[" + entries.size() + "]", item).ifPresent(entries::add);
      }
      return entries;
    }

    private Optional<ExecutorConfig> one(String path, YamlNode item) {
      if (item instanceof Mapping mapping) {
        return Optional.of(entry(path, mapping, document));
      }
      if (item instanceof Scalar(Object value, Place at) && value instanceof String file) {
        return documents
            .open(document, file, at, problems)
            .flatMap(opened -> {
              if (opened.root() instanceof Mapping mapping && deployment(mapping)) {
                return Optional.of(entry("", mapping, opened));
              }
              problems.error(
                  opened.root().at(), "jtype: not a Deployment (expected: jtype: Deployment)");
              return Optional.empty();
            });
      }
      problems.error(
          item.at(),
          "%s: %s (expected: a mapping, or the path of a Deployment's file)"
              .formatted(path, item.kind()));
      return Optional.empty();
    }

    boolean deployment(Mapping mapping) {
      return "Deployment".equals(mapping.type())
          || (mapping.get("jtype") instanceof Scalar scalar && "Deployment".equals(scalar.value()));
    }

    /// Reads an entry; a Deployment has its keys under `with`.
    ExecutorConfig entry(String path, Mapping given, Document in) {
      if (!deployment(given)) {
        return bind(Keys.of(path, Aliases.resolve(given, problems), problems), in, true);
      }
      Mapping mapping = Aliases.within(given, problems, "with");
      Keys outer = Keys.of(path, mapping, problems);
      checkHeader(outer, mapping, "Deployment");
      Keys inner = outer.keys("with");
      outer.has("needs");
      outer.finish();
      Mapping with = Optional.ofNullable(outer.mapping("with")).orElse(Mapping.empty(mapping.at()));
      inner.has("include_gateway");
      Mapping needs = only(mapping, "needs");
      return bind(
          Keys.of(path.isEmpty() ? "with" : path + ".with", with, problems)
              .inheriting(path, needs, Set.of()),
          in,
          false);
    }

    private ExecutorConfig bind(Keys own, Document in, boolean inherit) {
      Keys keys = inherit ? own.inheriting("with", defaults, NOT_FOR_EXECUTORS) : own;
      ExecutorConfig config =
          ExecutorConfig.read(keys, given -> documents.source(in, given, problems));
      keys.finish(List.of("include_gateway"));
      return config;
    }

    private Mapping only(Mapping mapping, String key) {
      YamlNode.Entry entry = mapping.entries().get(key);
      return new Mapping(
          null, entry == null ? java.util.Map.of() : java.util.Map.of(key, entry), mapping.at());
    }
  }
}

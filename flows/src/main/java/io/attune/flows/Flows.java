package io.attune.flows;

import io.attune.flows.config.Document;
import io.attune.flows.config.Documents;
import io.attune.flows.config.ExecutorConfig;
import io.attune.flows.config.FlowConfig;
import io.attune.flows.config.FlowReader;
import io.attune.flows.config.GatewayConfig;
import io.attune.flows.yaml.Keys;
import io.attune.flows.yaml.Nearest;
import io.attune.flows.yaml.Place;
import io.attune.flows.yaml.Problems;
import io.attune.flows.yaml.Variables;
import io.attune.flows.yaml.YamlNode.Mapping;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reads Flows: a YAML file, or a ready-made one by its name, into the plan that is started.
///
/// Every method throws [FlowProblemsException] with all that is wrong, each with file and line.
public final class Flows {
  /// The names of the ready-made Flows.
  public static final List<String> NAMES = List.of("search", "hello-qa", "fit", "learn");

  private final Documents documents;

  private Flows(Variables variables) {
    this.documents = new Documents(variables);
  }

  /// Flows that see the environment of this process.
  ///
  /// @param context what `${{ CONTEXT.NAME }}` stands for
  public static Flows with(Map<String, String> context) {
    return with(System.getenv(), context);
  }

  /// Flows that see the environment given.
  ///
  /// @param environment what `${{ ENV.NAME }}` stands for
  /// @param context what `${{ CONTEXT.NAME }}` stands for
  public static Flows with(Map<String, String> environment, Map<String, String> context) {
    return new Flows(new Variables(environment, context));
  }

  /// Reads a Flow's file, or a ready-made Flow where the text is one's name.
  public FlowPlan open(String fileOrName) {
    if (NAMES.contains(fileOrName)) {
      return named(fileOrName);
    }
    boolean file = fileOrName.endsWith(".yml") || fileOrName.endsWith(".yaml");
    if (!file && !Path.of(fileOrName).toFile().exists()) {
      Problems problems = new Problems();
      problems.error(
          new Place(fileOrName, 0),
          "no such Flow (expected: a YAML file, or %s)"
              .formatted(Nearest.expected(fileOrName, NAMES)));
      problems.throwIfFailed();
    }
    return file(Path.of(fileOrName));
  }

  /// Reads a Flow's file.
  public FlowPlan file(Path file) {
    Problems problems = new Problems();
    return plan(documents.open(file, problems), problems);
  }

  /// Reads a Flow from text.
  ///
  /// @param label what messages call it
  /// @param folder where relative paths in it start
  public FlowPlan text(String label, String text, Path folder) {
    Problems problems = new Problems();
    return plan(documents.parse(label, text, folder, problems), problems);
  }

  /// Reads a ready-made Flow.
  ///
  /// @throws IllegalArgumentException where there is none of that name
  public FlowPlan named(String name) {
    if (!NAMES.contains(name)) {
      throw new IllegalArgumentException("flow: %s (expected: one of %s)".formatted(name, NAMES));
    }
    String file = name + ".yml";
    try (InputStream in = Flows.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException(file + " is missing beside " + Flows.class);
      }
      Problems problems = new Problems();
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return plan(documents.parse(file, text, null, problems), problems);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /// Reads one executor: its own file (`jtype: NAME`) or a Deployment's.
  ///
  /// @param name what it is called; null for the file's name for it, or else its `uses` in lower
  ///   case
  /// @param warnings told of what has no effect
  public ExecutorPlan executor(Path file, @Nullable String name, Consumer<Problem> warnings) {
    Problems problems = new Problems();
    Optional<Document> document = documents.open(file, problems);
    Optional<ExecutorConfig> entry =
        document.flatMap(opened -> new FlowReader(documents, problems).executor(opened));
    problems.throwIfFailed();
    Keys none = Keys.of("", Mapping.empty(new Place(file.toString(), 0)), problems);
    ExecutorPlan plan =
        new PlanBuilder(problems).alone(name, entry.orElseThrow(), GatewayConfig.read(none));
    problems.warnings().forEach(warnings);
    return plan;
  }

  private FlowPlan plan(Optional<Document> document, Problems problems) {
    BiFunction<FlowConfig, Place, FlowPlan> builder = new PlanBuilder(problems)::build;
    Optional<FlowPlan> plan =
        document.flatMap(opened ->
            new FlowReader(documents, problems)
                .flow(opened)
                .map(flow -> builder.apply(flow, opened.root().at())));
    problems.throwIfFailed();
    return plan.orElseThrow();
  }
}

package io.attune.runtime.registry;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.ExecutorFactory;
import io.attune.runtime.FlowException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;

/// The executors that a Flow's `uses` may name: all that lie on the class path with an entry in
/// `META-INF/services/io.attune.runtime.ExecutorFactory`.
public final class ExecutorRegistry {
  private final Map<String, ExecutorFactory> factories;
  private final List<String> broken;

  private ExecutorRegistry(Map<String, ExecutorFactory> factories, List<String> broken) {
    this.factories = Collections.unmodifiableMap(factories);
    this.broken = List.copyOf(broken);
  }

  /// The executors on the class path.
  public static ExecutorRegistry load() {
    return load(ExecutorRegistry.class.getClassLoader());
  }

  /// The executors that a class loader sees.
  ///
  /// An entry that cannot be loaded does not hide the others; it is told where a name is not found.
  ///
  /// @throws FlowException where two have one name
  public static ExecutorRegistry load(ClassLoader loader) {
    List<ExecutorFactory> found = new ArrayList<>();
    List<String> broken = new ArrayList<>();
    Iterator<ExecutorFactory> entries =
        ServiceLoader.load(ExecutorFactory.class, loader).iterator();
    boolean more = true;
    while (more) {
      try {
        more = entries.hasNext();
        if (more) {
          found.add(entries.next());
        }
      } catch (ServiceConfigurationError failure) {
        broken.add(String.valueOf(failure.getMessage()));
      }
    }
    return of(found, broken);
  }

  /// Exactly these executors.
  public static ExecutorRegistry of(ExecutorFactory... factories) {
    return of(List.of(factories), List.of());
  }

  private static ExecutorRegistry of(List<ExecutorFactory> found, List<String> broken) {
    Map<String, ExecutorFactory> factories = new TreeMap<>();
    for (ExecutorFactory factory : found) {
      ExecutorFactory other = factories.putIfAbsent(factory.name(), factory);
      if (other != null) {
        throw new FlowException(
            ErrorCode.FAILED_PRECONDITION,
            "executor %s: found twice, as %s and %s (expected: one)"
                .formatted(
                    factory.name(), other.getClass().getName(), factory.getClass().getName()));
      }
    }
    return new ExecutorRegistry(factories, broken);
  }

  /// The names, in order.
  public List<String> names() {
    return List.copyOf(factories.keySet());
  }

  /// The factory of a name, or of a factory's class name.
  ///
  /// @throws FlowException where there is none
  public ExecutorFactory find(String uses) {
    ExecutorFactory named = factories.get(uses);
    if (named != null) {
      return named;
    }
    return factories.values().stream()
        .filter(factory -> factory.getClass().getName().equals(uses))
        .findFirst()
        .orElseThrow(() -> missing(uses));
  }

  /// Makes the executor of a name.
  ///
  /// @throws FlowException where there is none, or where its configuration is wrong
  public Executor create(String uses, ExecutorContext context) {
    return find(uses).create(context);
  }

  private FlowException missing(String uses) {
    String nearest =
        Spelling.nearest(uses, factories.keySet())
            .map(name -> ", did you mean " + name + "?")
            .orElse("");
    String unloaded = broken.isEmpty() ? "" : "; could not be loaded: " + String.join("; ", broken);
    return FlowException.invalid(
        "uses: %s (expected: one of %s%s)%s"
            .formatted(uses, String.join(", ", factories.keySet()), nearest, unloaded));
  }
}

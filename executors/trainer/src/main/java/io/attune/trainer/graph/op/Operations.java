package io.attune.trainer.graph.op;

import io.attune.onnx.Node;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// The operators that can be trained through, by domain and name; immutable.
public final class Operations {
  private static final Operations STANDARD =
      new Operations(Map.of())
          .with("", Arithmetic.kinds())
          .with("", Pointwise.kinds())
          .with("", Shapes.kinds())
          .with("", Indexing.kinds())
          .with("", Reductions.kinds())
          .with("", Products.kinds())
          .with("", Elementary.kinds())
          .with("", Activations.kinds())
          .with("", Comparisons.kinds())
          .with("", Folds.kinds())
          .with("", Filling.kinds())
          .with("", Views.kinds())
          .with("", Normalization.kinds())
          .with("", BatchNormalization.kinds())
          .with("", Dropouts.kinds())
          .with("", Lstm.kinds());

  private final Map<Name, OperationKind> kinds;

  private record Name(String domain, String opType) {}

  private Operations(Map<Name, OperationKind> kinds) {
    this.kinds = kinds;
  }

  /// All operators there are.
  public static Operations standard() {
    return STANDARD;
  }

  /// The same and more.
  ///
  /// @param domain the operators' domain, empty for ONNX's own
  /// @param more the operators by name; one that is there already is replaced
  public Operations with(String domain, Map<String, OperationKind> more) {
    Map<Name, OperationKind> all = new LinkedHashMap<>(kinds);
    more.forEach((opType, kind) -> all.put(new Name(domain, opType), kind));
    return new Operations(all);
  }

  /// The operator of a node, where it is supported.
  public Optional<OperationKind> of(Node node) {
    return Optional.ofNullable(kinds.get(new Name(node.domain(), node.opType())));
  }

  /// The names of all operators, sorted; those of other domains as `domain::name`.
  public SortedSet<String> names() {
    SortedSet<String> names = new TreeSet<>();
    for (Name name : kinds.keySet()) {
      names.add(name.domain.isEmpty() ? name.opType : name.domain + "::" + name.opType);
    }
    return names;
  }
}

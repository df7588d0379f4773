package io.attune.trainer.graph;

import io.attune.onnx.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The names that people know parameters by: the file's own, or, where an exporter generated that,
/// the scope of the node that uses it.
final class PublicName {
  /// `onnx::MatMul_787`, `787`, `val_12`, `_to_copy_3`, `/encoder/Constant_output_0`, …
  private static final Pattern GENERATED =
      Pattern.compile(
          "onnx::.*|\\d+|_?(val|to_copy|const|t|tensor|permute|transpose)[\\d_]*|.*/.*|Constant.*");

  private static final String SCOPES = "pkg.torch.onnx.name_scopes";

  private static final Pattern SCOPE = Pattern.compile("'([^']*)'");

  private PublicName() {}

  /// Whether nobody chose a name.
  static boolean isGenerated(String name) {
    return name.isEmpty() || GENERATED.matcher(name).matches();
  }

  /// The module that a node belongs to: `/encoder/layer.0/dense/MatMul` is of
  /// `encoder.layer.0.dense`. PyTorch's current exporter tells it in the node's metadata.
  static Optional<String> scope(Node node) {
    Optional<String> told = node.metadata(SCOPES).flatMap(PublicName::innermost);
    return told.isPresent() ? told : scopeOfName(node);
  }

  /// Of `['', 'encoder', 'encoder.dense', 'linear']` the last module; the last entry is the node.
  private static Optional<String> innermost(String scopes) {
    Matcher matcher = SCOPE.matcher(scopes);
    List<String> modules = new ArrayList<>();
    while (matcher.find()) {
      modules.add(matcher.group(1));
    }
    return modules.size() < 2
        ? Optional.empty()
        : Optional.of(modules.get(modules.size() - 2)).filter(module -> !module.isEmpty());
  }

  private static Optional<String> scopeOfName(Node node) {
    String name = node.name();
    int last = name.lastIndexOf('/');
    if (last <= 0) {
      return Optional.empty();
    }
    String scope = name.substring(name.startsWith("/") ? 1 : 0, last).replace('/', '.');
    return scope.isEmpty() ? Optional.empty() : Optional.of(scope);
  }
}

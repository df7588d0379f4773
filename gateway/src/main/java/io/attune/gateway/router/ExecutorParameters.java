package io.attune.gateway.router;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.Map;

/// A request's parameters as each executor gets them, in Jina's rules.
///
/// `name__key` is `key` for the executor of that name and is removed for the others; an object
/// under an executor's name is merged over the parameters of that executor. A key that begins or
/// ends with two underscores, such as `__results__`, belongs to nobody in particular.
final class ExecutorParameters {
  /// Where executors' results are found.
  static final String RESULTS = "__results__";

  private static final String SEPARATOR = "__";

  private ExecutorParameters() {}

  /// The parameters for one executor.
  static Struct forExecutor(String executor, Struct parameters) {
    Map<String, Value> fields = parameters.getFieldsMap();
    Value nested = fields.get(executor);
    boolean hasNested = nested != null && nested.hasStructValue();
    if (!hasNested && fields.keySet().stream().noneMatch(ExecutorParameters::isSpecific)) {
      return parameters;
    }
    Struct.Builder own = Struct.newBuilder();
    fields.forEach((key, value) -> {
      if (!isSpecific(key)) {
        own.putFields(key, value);
      }
    });
    fields.forEach((key, value) -> {
      if (isSpecific(key) && key.substring(0, separator(key)).equals(executor)) {
        own.putFields(key.substring(separator(key) + SEPARATOR.length()), value);
      }
    });
    if (nested != null && hasNested) {
      own.putAllFields(nested.getStructValue().getFieldsMap());
    }
    return own.build();
  }

  private static boolean isSpecific(String key) {
    return separator(key) > 0 && !key.startsWith(SEPARATOR) && !key.endsWith(SEPARATOR);
  }

  private static int separator(String key) {
    return key.lastIndexOf(SEPARATOR);
  }
}

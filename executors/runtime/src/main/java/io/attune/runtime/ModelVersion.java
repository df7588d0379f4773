package io.attune.runtime;

/// A model's name and version, written `name@version` in the call metadata `x-attune-model`.
///
/// @param name the model's name in the ModelStore
/// @param version the version, 1 or greater
public record ModelVersion(String name, int version) {
  public ModelVersion {
    if (name.isEmpty() || name.indexOf('@') >= 0 || name.indexOf(',') >= 0) {
      throw FlowException.invalid("model: " + name + " (expected: a name without @ and ,)");
    }
    if (version < 1) {
      throw FlowException.invalid("model version: " + version + " (expected: 1..)");
    }
  }

  /// Reads `name@version`.
  public static ModelVersion parse(String text) {
    int at = text.lastIndexOf('@');
    try {
      if (at > 0) {
        return new ModelVersion(text.substring(0, at), Integer.parseInt(text.substring(at + 1)));
      }
    } catch (NumberFormatException _) {
      // falls through to the one message
    }
    throw FlowException.invalid("model: " + text + " (expected: name@version)");
  }

  @Override
  public String toString() {
    return name + "@" + version;
  }
}

package io.attune.trainer.option;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Something that is chosen by name and has options.
public interface Choice {
  /// What people write.
  String name();

  /// One sentence: what it is, and where its formula comes from.
  String help();

  /// Its options, in the order of help.
  List<Option> options();

  /// The options with their values.
  ///
  /// @param given values by name; what is not given has its default
  /// @throws io.attune.runtime.FlowException where a name is unknown or a value impossible
  default Options check(Map<String, ? extends @Nullable Object> given) {
    return Options.of(name(), options(), given);
  }
}

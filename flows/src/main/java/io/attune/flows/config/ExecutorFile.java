package io.attune.flows.config;

import io.attune.flows.DynamicBatching;
import io.attune.flows.yaml.Keys;
import io.attune.flows.yaml.Problems;
import io.attune.flows.yaml.YamlNode.Mapping;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An executor's own file, or the same inline under `uses`.
///
/// @param type `jtype`, or the tag: the name of its factory
/// @param with `with`, default none: its options; `uses_with` goes over them
/// @param metas `metas`: what it is called
/// @param requests `requests`, default none: endpoint → its own endpoint that answers
/// @param dynamicBatching `dynamic_batching`, default none: batching by endpoint
public record ExecutorFile(
    String type,
    Map<String, @Nullable Object> with,
    Metas metas,
    Map<String, String> requests,
    Map<String, DynamicBatching> dynamicBatching) {
  /// Reads a file's mapping; its `jtype` is the executor's name.
  public static ExecutorFile read(String path, Mapping mapping, Problems problems) {
    Keys keys = Keys.of(path, mapping, problems);
    String type = mapping.type();
    String jtype = keys.string("jtype", type == null ? "" : type);
    if (jtype.isEmpty()) {
      problems.error(mapping.at(), "jtype: not given (expected: the name of the executor to use)");
    }
    Ignored.read(keys);
    ExecutorFile file =
        new ExecutorFile(
            jtype,
            keys.values("with"),
            Metas.read(keys.keys("metas")),
            keys.texts("requests"),
            BatchingConfig.read(keys, "dynamic_batching"));
    keys.finish();
    return file;
  }

  /// What an executor is called.
  ///
  /// @param name `name`: read, the Flow's name for it counts
  /// @param description `description`: for people
  /// @param workspace `workspace`: the folder for its state, where the Flow names none
  public record Metas(
      @Nullable String name, @Nullable String description, @Nullable String workspace) {
    static Metas read(Keys keys) {
      keys.ignore("it is for Python", List.of("py_modules", "url", "keywords"));
      Metas metas =
          new Metas(keys.string("name"), keys.string("description"), keys.string("workspace"));
      keys.finish();
      return metas;
    }
  }
}

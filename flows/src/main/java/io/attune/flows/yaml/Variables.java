package io.attune.flows.yaml;

import java.util.Map;

/// What a Flow's file may refer to with `${{ … }}`.
///
/// @param env for `${{ ENV.NAME }}`
/// @param context for `${{ CONTEXT.NAME }}` and `${{ NAME }}`
public record Variables(Map<String, String> env, Map<String, String> context) {
  public Variables {
    env = Map.copyOf(env);
    context = Map.copyOf(context);
  }

  @Override
  public String toString() {
    return "Variables[env=%d, context=%s]".formatted(env.size(), context.keySet());
  }
}

package io.attune.flows.config;

import io.attune.flows.yaml.Keys;

/// Reads what `uses` says, following it to a file where it names one.
@FunctionalInterface
public interface ExecutorSources {
  ExecutorSource read(Keys keys);
}

package io.attune.runtime;

import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;

/// What an executor is given when it is made.
///
/// @param name the executor's name in its Flow
/// @param with the options of `uses_with`
/// @param workspace the folder the executor may keep state in; it may not exist yet
/// @param meters where its metrics go
public record ExecutorContext(String name, Parameters with, Path workspace, MeterRegistry meters) {}

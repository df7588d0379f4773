package io.attune.models;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the process that tries a model is told.
///
/// @param model the graph's file
/// @param tokenizer the tokeniser's file; null for tensors
/// @param dimension the length of an embedding
/// @param maxLength the most tokens of a text
/// @param inputs what to embed; their own embeddings are not looked at
/// @param artifact the folder of the artifact, whose graph is checked before; null where that was
///   done
/// @param timed whether each input is embedded again, to see what it costs
/// @param memoryBytes the address space it may use beyond what its JVM has taken
/// @param cpuSeconds the processor time it may use
record CheckRequest(
    String model,
    @Nullable String tokenizer,
    int dimension,
    int maxLength,
    List<Golden.Case> inputs,
    @Nullable String artifact,
    boolean timed,
    long memoryBytes,
    long cpuSeconds) {
  static final String FILE = "request.json";
}

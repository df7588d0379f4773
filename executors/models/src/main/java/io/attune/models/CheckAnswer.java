package io.attune.models;

import io.attune.runtime.ErrorCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the process that tried a model found.
///
/// @param code what went wrong; null where nothing did
/// @param message what went wrong, for people
/// @param alone the embedding of each input in a batch of its own
/// @param together the embedding of each text in a batch with another; empty for tensors
/// @param cpuNanos the processor time of each input alone; empty where it was not asked for
record CheckAnswer(
    @Nullable ErrorCode code,
    @Nullable String message,
    List<float[]> alone,
    List<float[]> together,
    List<Long> cpuNanos) {
  static final String FILE = "answer.json";

  static CheckAnswer failed(ErrorCode code, String message) {
    return new CheckAnswer(code, message, List.of(), List.of(), List.of());
  }
}

package io.attune.models;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;

/// Keeps the native libraries off the network: DJL asks EC2's metadata service on first use and
/// fetches another build of its library where it sees a GPU, unless it is told to be offline; ONNX
/// Runtime has telemetry.
final class NativeLibraries {
  private NativeLibraries() {}

  /// Must run before DJL's first class is loaded. What the user set is left alone.
  static void settle() {
    if (System.getenv("DJL_OFFLINE") == null && System.getProperty("ai.djl.offline") == null) {
      System.setProperty("ai.djl.offline", "true");
    }
  }

  /// ONNX Runtime's environment, one to a process.
  static OrtEnvironment onnxRuntime() {
    OrtEnvironment environment =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "attune");
    try {
      environment.setTelemetry(false);
    } catch (OrtException e) {
      throw new FlowException(ErrorCode.INTERNAL, "onnxruntime: " + e.getMessage(), e);
    }
    return environment;
  }
}

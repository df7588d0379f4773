package io.attune.trainer.executor;

import com.google.protobuf.ByteString;
import io.attune.models.ModelExport;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.run.RunArtifact;
import io.attune.trainer.run.RunFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// The model that a run published, as a zip.
///
/// @param artifact its name and version
/// @param zip what `attune models import` reads
record SavedModel(String artifact, ByteString zip) {
  /// Messages have a limit of 128 MiB, which other parts of them share.
  private static final long MOST_BYTES = 120 << 20;

  /// @throws FlowException FAILED_PRECONDITION for a run without a model, RESOURCE_EXHAUSTED for a
  ///   model too large to travel
  static SavedModel of(RunFolder run) {
    RunArtifact artifact =
        run.artifact()
            .orElseThrow(() ->
                new FlowException(
                    ErrorCode.FAILED_PRECONDITION,
                    "run: %s is %s and has no artifact (expected: a finished run)"
                        .formatted(run.id(), run.state().status())));
    try {
      Path folder = Files.createTempDirectory("attune-save-");
      Path zip = folder.resolve(run.name() + ".zip");
      try {
        new ModelExport(artifact.open()).toZip(zip);
        if (Files.size(zip) > MOST_BYTES) {
          throw new FlowException(
              ErrorCode.RESOURCE_EXHAUSTED,
              "artifact: %s has %,d bytes (expected: at most %,d; it lies in the ModelStore)"
                  .formatted(artifact.model(), Files.size(zip), MOST_BYTES));
        }
        try (InputStream in = Files.newInputStream(zip)) {
          return new SavedModel(artifact.model(), ByteString.readFrom(in));
        }
      } finally {
        Files.deleteIfExists(zip);
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.INTERNAL, "artifact: %s: %s".formatted(artifact.model(), e.getMessage()), e);
    }
  }
}

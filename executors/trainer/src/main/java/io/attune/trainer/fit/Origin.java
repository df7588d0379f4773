package io.attune.trainer.fit;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.trainer.run.Checkpoint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// What training starts from besides its configuration: the contents of what that only names. Each
/// checkpoint carries it, so that a run does not go on with other data or another model than it
/// began with.
///
/// @param hashes SHA-256 in hexadecimal digits, by the option that names what was hashed
record Origin(Map<String, String> hashes) {
  static final String PART = "origin";

  Origin {
    hashes = Collections.unmodifiableMap(new LinkedHashMap<>(hashes));
  }

  /// What a checkpoint keeps of it: a line `option hash` for each.
  Checkpoint.Part part() {
    StringBuilder lines = new StringBuilder();
    hashes.forEach((option, hash) -> lines.append(option).append(' ').append(hash).append('\n'));
    byte[] bytes = lines.toString().getBytes(StandardCharsets.UTF_8);
    return channel -> Channels.newOutputStream(channel).write(bytes);
  }

  /// Refuses a checkpoint of another origin. One that says nothing of an option, as those of older
  /// versions, is taken.
  ///
  /// @throws FlowException (FAILED_PRECONDITION) naming what has changed
  void require(Checkpoint checkpoint) {
    Checkpoint.Part part = checkpoint.parts().get(PART);
    if (part == null) {
      return;
    }
    try (InputStream in = Channels.newInputStream(part.open())) {
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        int space = line.indexOf(' ');
        require(line.substring(0, space), line.substring(space + 1), checkpoint.step());
      }
    } catch (IOException e) {
      throw new FlowException(ErrorCode.INTERNAL, "checkpoint: " + e.getMessage(), e);
    }
  }

  private void require(String option, String trained, long step) {
    String now = hashes.get(option);
    if (now != null && !now.equals(trained)) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "%s: sha256 %s (expected: %s, which the run was trained on up to step %d; bring it back, or start a new run)"
              .formatted(option, now, trained, step));
    }
  }
}

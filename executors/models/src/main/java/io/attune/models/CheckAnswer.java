package io.attune.models;

import io.attune.runtime.ErrorCode;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
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
  static final String FILE = "answer";

  private static final int MOST_MESSAGE = 10_000;

  static CheckAnswer failed(ErrorCode code, String message) {
    return new CheckAnswer(code, message, List.of(), List.of(), List.of());
  }

  /// Leaves it where the process works, in one step.
  void write(Path folder) throws IOException {
    Path draft = folder.resolve(FILE + ".draft");
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(draft)))) {
      out.writeUTF(code == null ? "" : code.name());
      String said = message == null ? "" : message;
      out.writeUTF(said.substring(0, Math.min(said.length(), MOST_MESSAGE)));
      for (List<float[]> rows : List.of(alone, together)) {
        out.writeInt(rows.size());
        for (float[] row : rows) {
          Numbers.write(out, row);
        }
      }
      Numbers.write(out, cpuNanos.stream().mapToLong(Long::longValue).toArray());
    }
    Files.move(draft, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
  }

  /// Reads what a process left, of which nothing is believed.
  ///
  /// @throws IOException where it is no answer
  static CheckAnswer read(byte[] bytes) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    String code = in.readUTF();
    String message = in.readUTF();
    if (!code.isEmpty()) {
      return failed(
          ErrorCode.named(code).orElseThrow(() -> new IOException("no error code: " + code)),
          message);
    }
    List<List<float[]>> both = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      List<float[]> rows = new ArrayList<>();
      for (int left = Numbers.count(in, Integer.BYTES); left > 0; left--) {
        rows.add(Numbers.floats(in));
      }
      both.add(rows);
    }
    List<Long> costs = new ArrayList<>();
    for (long cost : Numbers.longs(in)) {
      costs.add(cost);
    }
    if (in.available() > 0) {
      throw new IOException(in.available() + " bytes after its end");
    }
    return new CheckAnswer(null, null, both.get(0), both.get(1), costs);
  }
}

package io.attune.trainer.run;

import io.attune.trainer.run.CheckpointFile.Header;
import io.attune.trainer.run.CheckpointFile.Kind;
import io.attune.trainer.run.CheckpointFile.Section;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/// Writes the parts of a [CheckpointFile] and its hash.
final class CheckpointWriter {
  private final FileChannel channel;
  private final MessageDigest digest = CheckpointFile.sha256();
  private final ByteBuffer buffer =
      ByteBuffer.allocate(CheckpointFile.BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  CheckpointWriter(FileChannel channel) {
    this.channel = channel;
  }

  void write(Checkpoint checkpoint) throws IOException {
    List<Section> sections = new ArrayList<>();
    checkpoint
        .weights()
        .forEach((name, data) -> sections.add(new Section(Kind.WEIGHTS, name, data.length)));
    checkpoint
        .optimizer()
        .forEach((name, data) -> sections.add(new Section(Kind.OPTIMIZER, name, data.length)));
    checkpoint
        .state()
        .forEach((name, data) -> sections.add(new Section(Kind.STATE, name, data.length)));
    byte[] header =
        RunJson.MAPPER.writeValueAsBytes(
            new Header(
                checkpoint.epoch(),
                checkpoint.step(),
                checkpoint.configHash(),
                checkpoint.history(),
                sections));
    put(CheckpointFile.MAGIC);
    put(ByteBuffer.allocate(Integer.BYTES).putInt(header.length).array());
    put(header);
    for (float[] values : checkpoint.weights().values()) {
      put(values);
    }
    for (float[] values : checkpoint.optimizer().values()) {
      put(values);
    }
    for (byte[] bytes : checkpoint.state().values()) {
      put(bytes);
    }
    drain(ByteBuffer.wrap(digest.digest()));
  }

  private void put(byte[] bytes) throws IOException {
    digest.update(bytes);
    drain(ByteBuffer.wrap(bytes));
  }

  private void put(float[] values) throws IOException {
    for (int done = 0; done < values.length; ) {
      int count = Math.min(values.length - done, CheckpointFile.BUFFER_BYTES / Float.BYTES);
      buffer.clear();
      buffer.asFloatBuffer().put(values, done, count);
      buffer.limit(count * Float.BYTES);
      digest.update(buffer.duplicate());
      drain(buffer);
      done += count;
    }
  }

  private void drain(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}

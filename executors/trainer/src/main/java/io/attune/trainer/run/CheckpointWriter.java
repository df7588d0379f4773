package io.attune.trainer.run;

import io.attune.models.Sha256;
import io.attune.trainer.run.CheckpointFile.Section;
import io.attune.trainer.run.CheckpointFile.Table;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Writes a [CheckpointFile] from front to back, hashing and counting what goes by.
final class CheckpointWriter {
  private static final int FLOATS = 1 << 18;

  private final FileChannel file;
  private final Hashed out = new Hashed();

  CheckpointWriter(FileChannel file) {
    this.file = file;
  }

  void write(Checkpoint checkpoint) throws IOException {
    List<Section> sections = new ArrayList<>();
    out.write(ByteBuffer.wrap(CheckpointFile.MAGIC));
    for (Map.Entry<String, float[]> weight : checkpoint.weights().entrySet()) {
      long from = out.count;
      floats(weight.getValue());
      sections.add(new Section(true, weight.getKey(), out.count - from));
    }
    for (Map.Entry<String, Checkpoint.Part> part : checkpoint.parts().entrySet()) {
      long from = out.count;
      part.getValue().write(out);
      sections.add(new Section(false, part.getKey(), out.count - from));
    }
    byte[] table =
        RunJson.MAPPER.writeValueAsBytes(
            new Table(
                checkpoint.epoch(),
                checkpoint.step(),
                checkpoint.configHash(),
                checkpoint.history(),
                sections));
    out.write(ByteBuffer.wrap(table));
    out.write(ByteBuffer.allocate(Long.BYTES).putLong(table.length).flip());
    out.write(ByteBuffer.wrap(out.digest.digest()));
  }

  private void floats(float[] values) throws IOException {
    ByteBuffer buffer =
        ByteBuffer.allocate(Math.min(values.length, FLOATS) * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int done = 0; done < values.length; done += FLOATS) {
      int count = Math.min(values.length - done, FLOATS);
      buffer.clear();
      buffer.asFloatBuffer().put(values, done, count);
      out.write(buffer.limit(count * Float.BYTES));
    }
  }

  private final class Hashed implements WritableByteChannel {
    private final MessageDigest digest = Sha256.digest();
    private long count;

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      int size = bytes.remaining();
      digest.update(bytes.duplicate());
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
      count += size;
      return size;
    }

    @Override
    public boolean isOpen() {
      return file.isOpen();
    }

    @Override
    public void close() {} // a part that closes its channel does not end the file
  }
}

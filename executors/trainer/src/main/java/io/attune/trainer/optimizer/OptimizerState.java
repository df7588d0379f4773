package io.attune.trainer.optimizer;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The file form of what an optimiser remembers: a header (magic number, moments per weight,
/// updates so far, length of the list of tensors), the list (`name bytes` lines), then the moments
/// in the list's order, little-endian float32.
final class OptimizerState {
  private static final long MAGIC = 0x4154_5450_4f50_5431L;
  private static final int HEADER = 4 * Long.BYTES;
  private static final long PIECE = 1 << 20;

  private final List<Slot> slots;
  private final MemorySegment[] moments;

  OptimizerState(List<Slot> slots, MemorySegment[] moments) {
    this.slots = slots;
    this.moments = moments;
  }

  void write(WritableByteChannel channel, long steps) throws IOException {
    byte[] tensors = tensors();
    ByteBuffer header = ByteBuffer.allocate(HEADER + tensors.length).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(MAGIC).putLong(moments.length).putLong(steps).putLong(tensors.length);
    put(channel, header.put(tensors).flip());
    for (MemorySegment moment : moments) {
      for (Slot slot : slots) {
        MemorySegment memory = moment.asSlice(slot.offset(), slot.weights().byteSize());
        for (long at = 0; at < memory.byteSize(); at += PIECE) {
          put(channel, piece(memory, at));
        }
      }
    }
  }

  /// Reads the state, all of it before anything is changed, and gives the number of updates.
  long read(ReadableByteChannel channel) throws IOException {
    byte[] tensors = tensors();
    ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
    get(channel, header);
    if (header.getLong() != MAGIC
        || header.getLong() != moments.length
        || header.getLong(3 * Long.BYTES) != tensors.length) {
      throw other();
    }
    long steps = header.getLong();
    ByteBuffer listed = ByteBuffer.allocate(tensors.length);
    get(channel, listed);
    if (!listed.equals(ByteBuffer.wrap(tensors))) {
      throw other();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment[] whole = new MemorySegment[moments.length];
      for (int i = 0; i < whole.length; i++) {
        whole[i] = arena.allocate(moments[i].byteSize(), Slot.ALIGNMENT);
        get(channel, whole[i]);
      }
      if (channel.read(ByteBuffer.allocate(1)) > 0) {
        throw other();
      }
      for (int i = 0; i < whole.length; i++) {
        moments[i].copyFrom(whole[i]);
      }
    }
    return steps;
  }

  private void get(ReadableByteChannel channel, MemorySegment moment) throws IOException {
    for (Slot slot : slots) {
      MemorySegment memory = moment.asSlice(slot.offset(), slot.weights().byteSize());
      for (long at = 0; at < memory.byteSize(); at += PIECE) {
        get(channel, piece(memory, at));
      }
    }
  }

  private static FlowException other() {
    return new FlowException(
        ErrorCode.FAILED_PRECONDITION,
        "optimizer state: of other weights or another optimizer (expected: that of this run)");
  }

  private byte[] tensors() {
    StringBuilder lines = new StringBuilder();
    for (Slot slot : slots) {
      lines.append(slot.name()).append(' ').append(slot.weights().byteSize()).append('\n');
    }
    return lines.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static ByteBuffer piece(MemorySegment memory, long at) {
    return memory.asSlice(at, Math.min(PIECE, memory.byteSize() - at)).asByteBuffer();
  }

  private static void put(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private static void get(ReadableByteChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (channel.read(bytes) < 0) {
        throw new FlowException(
            ErrorCode.DATA_LOSS, "optimizer state: ends early (expected: a whole file)");
      }
    }
    bytes.flip();
  }
}

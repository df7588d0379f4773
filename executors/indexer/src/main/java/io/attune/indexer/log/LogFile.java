package io.attune.indexer.log;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/// An open file of the log.
interface LogFile extends Closeable {
  long size() throws IOException;

  /// Reads at a position until the buffer is full or the file ends.
  void read(ByteBuffer target, long position) throws IOException;

  /// Writes the whole buffer at a position.
  void write(ByteBuffer source, long position) throws IOException;

  /// Returns when what was written is durable: data and size, not times.
  void sync() throws IOException;

  void truncate(long size) throws IOException;
}

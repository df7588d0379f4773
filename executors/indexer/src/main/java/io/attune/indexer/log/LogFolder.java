package io.attune.indexer.log;

import java.io.IOException;
import java.util.List;

/// The folder of a log: every effect the log has on a disk goes through here and [LogFile], so that
/// tests can let each of them fail.
interface LogFolder {
  /// The names of the files, in no order.
  List<String> list() throws IOException;

  /// Creates a file that does not exist.
  LogFile create(String name) throws IOException;

  /// Opens a file that exists, to read and write.
  LogFile open(String name) throws IOException;

  /// Renames a file; the new name does not exist.
  void rename(String from, String to) throws IOException;

  void delete(String name) throws IOException;

  /// Returns when creations, renames and deletions are durable.
  void sync() throws IOException;

  /// What the disk has left for us, in bytes.
  long usableBytes() throws IOException;

  /// The file as people should see it in a message.
  String describe(String name);
}

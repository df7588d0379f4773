package io.attune.indexer.log;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The right to write in a folder: one holder on the machine, released when its process dies.
///
/// Between processes it is a [FileLock] on the file `lock`, which holds the holder's process id for
/// messages. Inside one JVM it is a set of folders: that set is the one piece of static state here,
/// because POSIX drops a process's lock as soon as *any* descriptor of the file is closed, so a
/// second attempt must be refused before it opens the file.
final class FolderLock implements AutoCloseable {
  static final String NAME = "lock";
  private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();
  private static final int MAX_PID_BYTES = 20;

  private final Path folder;
  private final FileChannel channel;
  private final FileLock lock;

  private FolderLock(Path folder, FileChannel channel, FileLock lock) {
    this.folder = folder;
    this.channel = channel;
    this.lock = lock;
  }

  /// Takes the lock of an existing folder.
  ///
  /// @throws FlowException FAILED_PRECONDITION where another holds it
  static FolderLock acquire(Path folder) throws IOException {
    Path real = folder.toRealPath();
    if (!HELD_HERE.add(real)) {
      throw inUse(folder, "this process");
    }
    FolderLock taken = null;
    try {
      taken = lockFile(real);
      return taken;
    } finally {
      if (taken == null) {
        HELD_HERE.remove(real);
      }
    }
  }

  private static FolderLock lockFile(Path folder) throws IOException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve(NAME),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
      if (lock == null) {
        throw inUse(folder, "process " + holder(folder));
      }
      channel.truncate(0);
      String pid = String.valueOf(ProcessHandle.current().pid());
      channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
      return new FolderLock(folder, channel, lock);
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
  }

  private static String holder(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    boolean isPid = Files.size(file) > 0 && Files.size(file) <= MAX_PID_BYTES;
    return isPid ? Files.readString(file, StandardCharsets.US_ASCII) : "unknown";
  }

  private static FlowException inUse(Path folder, String holder) {
    return new FlowException(
        ErrorCode.FAILED_PRECONDITION,
        "folder: %s is in use by %s (expected: one indexer per folder; stop the other, or choose another workspace)"
            .formatted(folder, holder));
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      lock.release();
    } finally {
      HELD_HERE.remove(folder);
    }
  }
}

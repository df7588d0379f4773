package io.attune.runtime.lock;

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
import java.util.function.Function;

/// The right to something that a file stands for, such as to write in its folder: one holder on the
/// machine, released when its process dies.
///
/// Between processes it is a [FileLock] on the file, which holds the holder's process id for
/// messages. Inside one JVM it is a set of files: that set is the one piece of static state here,
/// because POSIX drops a process's lock as soon as *any* descriptor of the file is closed, so a
/// second attempt must be refused before it opens the file.
public final class ProcessLock implements AutoCloseable {
  private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();
  private static final int MAX_PID_BYTES = 20;

  private final Path file;
  private final FileChannel channel;
  private final FileLock lock;

  private ProcessLock(Path file, FileChannel channel, FileLock lock) {
    this.file = file;
    this.channel = channel;
    this.lock = lock;
  }

  /// Takes the lock of a file, which is made where it is missing, in an existing folder.
  ///
  /// @param inUse what to throw where another holds it, given the holder: `this process`, or
  ///   `process 123`
  /// @throws FlowException as `inUse` makes it
  public static ProcessLock acquire(Path file, Function<String, FlowException> inUse)
      throws IOException {
    Path absolute = file.toAbsolutePath();
    Path folder = absolute.getParent();
    if (folder == null) {
      throw new IllegalArgumentException("lock: " + file + " (expected: a file)");
    }
    Path real = folder.toRealPath().resolve(absolute.getFileName());
    if (!HELD_HERE.add(real)) {
      throw inUse.apply("this process");
    }
    ProcessLock taken = null;
    try {
      taken = lock(real, inUse);
      return taken;
    } finally {
      if (taken == null) {
        HELD_HERE.remove(real);
      }
    }
  }

  private static ProcessLock lock(Path file, Function<String, FlowException> inUse)
      throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
      if (lock == null) {
        throw inUse.apply("process " + holder(file));
      }
      channel.truncate(0);
      String pid = String.valueOf(ProcessHandle.current().pid());
      channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
      return new ProcessLock(file, channel, lock);
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
  }

  private static String holder(Path file) throws IOException {
    boolean isPid = Files.size(file) > 0 && Files.size(file) <= MAX_PID_BYTES;
    return isPid ? Files.readString(file, StandardCharsets.US_ASCII) : "unknown";
  }

  /// Gives it back. Idempotent.
  @Override
  public void close() throws IOException {
    if (channel.isOpen()) {
      try (channel) {
        lock.release();
      } finally {
        HELD_HERE.remove(file);
      }
    }
  }
}

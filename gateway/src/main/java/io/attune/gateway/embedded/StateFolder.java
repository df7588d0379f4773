package io.attune.gateway.embedded;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// The folder of a Flow's rollouts, for as long as this process alone has it. The system gives it
/// back where the process is killed.
final class StateFolder implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;
  private final FileLock lock;

  private StateFolder(Path path, FileChannel channel, FileLock lock) {
    this.path = path;
    this.channel = channel;
    this.lock = lock;
  }

  /// Takes a folder.
  ///
  /// @throws FlowException FAILED_PRECONDITION where it cannot be written, or another process has
  ///   it
  static StateFolder take(Path path) {
    try {
      Files.createDirectories(path);
      FileChannel channel =
          FileChannel.open(
              path.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        channel.close();
        throw new FlowException(
            ErrorCode.FAILED_PRECONDITION,
            "workspace: %s is another running Flow's (expected: one of its own)".formatted(path));
      }
      return new StateFolder(path, channel, lock);
    } catch (IOException e) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "workspace: %s cannot be written: %s (expected: a folder that can)"
              .formatted(path, e.getMessage()),
          e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException _) {
      return null;
    }
  }

  Path path() {
    return path;
  }

  @Override
  public void close() {
    try {
      lock.release();
      channel.close();
    } catch (IOException _) {
      // the lock ends with the process at the latest
    }
  }
}

package io.attune.trainer.feedback;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Holds a folder for one executor, until it is closed or the process is gone.
final class FolderLock implements AutoCloseable {
  private static final String NAME = "lock";

  private final FileChannel file;

  private FolderLock(FileChannel file) {
    this.file = file;
  }

  /// @throws FlowException FAILED_PRECONDITION where another holds it
  static FolderLock of(Path folder) throws IOException {
    Files.createDirectories(folder);
    FileChannel file =
        FileChannel.open(folder.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (file.tryLock() != null) {
        return new FolderLock(file);
      }
    } catch (OverlappingFileLockException _) {
      // held in this process
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
    file.close();
    throw new FlowException(
        ErrorCode.FAILED_PRECONDITION,
        "feedback: %s is open elsewhere (expected: one executor to a folder)".formatted(folder));
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}

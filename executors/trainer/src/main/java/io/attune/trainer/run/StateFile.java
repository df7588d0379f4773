package io.attune.trainer.run;

import io.attune.models.Durable;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import tools.jackson.core.JacksonException;

/// `state.json` of a run. It is replaced in one step and synced, and changed only under a lock that
/// holds between processes and between threads, so that of two who start a run one is refused.
final class StateFile {
  static final String NAME = "state.json";
  private static final String LOCK = ".state.lock";
  private static final long RETRY_NANOS = 2_000_000;

  private final Path folder;

  StateFile(Path folder) {
    this.folder = folder;
  }

  RunState read() {
    try {
      return RunJson.MAPPER.readValue(Files.readString(folder.resolve(NAME)), RunState.class);
    } catch (NoSuchFileException e) {
      throw new FlowException(
          ErrorCode.NOT_FOUND, "run: " + folder + ": no " + NAME + " (expected: a run)", e);
    } catch (JacksonException e) {
      throw new FlowException(
          ErrorCode.DATA_LOSS, "%s: %s".formatted(folder.resolve(NAME), e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw RunStore.failed(folder, e);
    }
  }

  static void write(Path folder, RunState state) throws IOException {
    Durable.write(folder, NAME, RunJson.MAPPER.writeValueAsString(state));
  }

  /// Replaces the state by another that is made of it, nobody else changing it meanwhile.
  RunState update(UnaryOperator<RunState> change) {
    try (FileChannel channel =
            FileChannel.open(
                folder.resolve(LOCK), StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        FileLock _ = lock(channel)) {
      RunState before = read();
      RunState after = change.apply(before);
      if (!after.equals(before)) {
        write(folder, after);
      }
      return after;
    } catch (NoSuchFileException e) {
      throw new FlowException(ErrorCode.NOT_FOUND, "run: " + folder + " is not there any more", e);
    } catch (IOException e) {
      throw RunStore.failed(folder, e);
    }
  }

  private static FileLock lock(FileChannel channel) throws IOException {
    while (true) {
      try {
        return channel.lock();
      } catch (OverlappingFileLockException _) {
        LockSupport.parkNanos(RETRY_NANOS); // a thread of this process has it
      }
    }
  }
}

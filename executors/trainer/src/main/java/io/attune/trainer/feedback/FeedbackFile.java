package io.attune.trainer.feedback;

import io.attune.models.Durable;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The file `feedback.jsonl`: a [FeedbackEntry] a line, synced before it counts. Not thread-safe;
/// [#read] may be called by others, in other processes too.
///
/// All but the last line were synced before the next was begun, so only a last one can be damaged
/// by a crash, and it was never answered: it is cut off. Damage before it is an error.
final class FeedbackFile implements AutoCloseable {
  static final String NAME = "feedback.jsonl";
  private static final String DRAFT = ".feedback.draft";

  private final Path folder;
  private RandomAccessFile file;
  private long end;
  private @Nullable IOException broken;

  private FeedbackFile(Path folder, RandomAccessFile file, long end) {
    this.folder = folder;
    this.file = file;
    this.end = end;
  }

  /// Opens the file of a folder for writing, made where there is none.
  ///
  /// @param entries is told what it holds
  /// @throws FlowException DATA_LOSS where it is damaged
  static FeedbackFile open(Path folder, Consumer<FeedbackEntry> entries) throws IOException {
    Files.createDirectories(folder);
    Files.deleteIfExists(folder.resolve(DRAFT));
    long end = read(folder, entries);
    RandomAccessFile file = new RandomAccessFile(folder.resolve(NAME).toFile(), "rw");
    file.setLength(end);
    file.getFD().sync();
    Durable.syncFolder(folder);
    return new FeedbackFile(folder, file, end);
  }

  /// Reads all whole lines.
  ///
  /// @return where they end, in bytes
  /// @throws FlowException DATA_LOSS where one before the last is damaged
  static long read(Path folder, Consumer<FeedbackEntry> entries) throws IOException {
    Path path = folder.resolve(NAME);
    long[] end = new long[1];
    long[] damage = {-1};
    try (InputStream in = Files.newInputStream(path)) {
      CheckedLines.each(
          in,
          (offset, line) -> {
            if (damage[0] >= 0) {
              throw damaged(path, damage[0]);
            }
            Optional<FeedbackEntry> entry =
                line[line.length - 1] == '\n'
                    ? CheckedLines.value(line, FeedbackEntry.class)
                    : Optional.empty();
            if (entry.isPresent()) {
              entries.accept(entry.get());
              end[0] = offset + line.length;
            } else {
              damage[0] = offset;
            }
          });
    } catch (NoSuchFileException _) {
      return 0;
    }
    return end[0];
  }

  private static FlowException damaged(Path path, long offset) {
    return new FlowException(
        ErrorCode.DATA_LOSS,
        "feedback: %s is damaged at byte %d (expected: a line with its checksum; restore the file from a backup, or cut the line out)"
            .formatted(path, offset));
  }

  /// Adds a line; it is durable when this returns.
  ///
  /// @throws FlowException where it is not kept. Where syncing failed nothing is added until the
  ///   file is opened again: what is on the disk is not known
  void append(FeedbackEntry entry) {
    requireSound();
    byte[] line = CheckedLines.line(entry);
    try {
      file.seek(end);
      file.write(line);
    } catch (IOException e) {
      cut(e);
      throw notKept(e);
    }
    try {
      file.getFD().sync();
    } catch (IOException e) {
      broken = e;
      throw notKept(e);
    }
    end += line.length;
  }

  private void cut(IOException cause) {
    try {
      file.setLength(end);
    } catch (IOException e) {
      cause.addSuppressed(e);
      broken = cause;
    }
  }

  private void requireSound() {
    IOException before = broken;
    if (before != null) {
      throw new FlowException(
          ErrorCode.UNAVAILABLE,
          "feedback: the log failed (%s) and takes no more until a restart"
              .formatted(before.getMessage()),
          before);
    }
  }

  /// Writes the file anew without the texts of some documents; they are gone when this returns.
  void erase(Erasure erasure) {
    requireSound();
    Path path = folder.resolve(NAME);
    Path draft = folder.resolve(DRAFT);
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(draft))) {
        var _ = read(folder, entry -> write(out, entry.without(erasure::has)));
      }
      Durable.sync(draft);
    } catch (IOException | java.io.UncheckedIOException e) {
      throw notErased(e);
    }
    try {
      file.close();
      Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      Durable.syncFolder(folder);
      file = new RandomAccessFile(path.toFile(), "rw");
      end = file.length();
    } catch (IOException e) {
      broken = e;
      throw notErased(e);
    }
  }

  private static void write(OutputStream out, FeedbackEntry entry) {
    try {
      out.write(CheckedLines.line(entry));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static FlowException notKept(IOException cause) {
    return new FlowException(
        ErrorCode.INTERNAL, "feedback: not kept: " + cause.getMessage(), cause);
  }

  private static FlowException notErased(Exception cause) {
    return new FlowException(
        ErrorCode.INTERNAL, "feedback: not erased: " + cause.getMessage(), cause);
  }

  Path folder() {
    return folder;
  }

  /// In bytes.
  long size() {
    return end;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}

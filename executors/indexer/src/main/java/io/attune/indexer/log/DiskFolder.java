package io.attune.indexer.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/// A [LogFolder] on a file system.
final class DiskFolder implements LogFolder {
  private final Path folder;
  private final FileStore store;

  /// A folder that exists.
  DiskFolder(Path folder) throws IOException {
    this.folder = folder;
    this.store = Files.getFileStore(folder);
  }

  /// Creates a folder and those above it that are missing, durably.
  static void create(Path folder) throws IOException {
    Path parent = folder.toAbsolutePath().getParent();
    if (Files.isDirectory(folder)) {
      return;
    }
    if (parent != null) {
      create(parent);
    }
    Files.createDirectory(folder);
    if (parent != null) {
      sync(parent);
    }
  }

  @Override
  public List<String> list() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Override
  public LogFile create(String name) throws IOException {
    return channel(name, StandardOpenOption.CREATE_NEW);
  }

  @Override
  public LogFile open(String name) throws IOException {
    return channel(name, StandardOpenOption.WRITE);
  }

  private DiskFile channel(String name, OpenOption option) throws IOException {
    return new DiskFile(
        FileChannel.open(
            folder.resolve(name), StandardOpenOption.READ, StandardOpenOption.WRITE, option));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    Files.move(folder.resolve(from), folder.resolve(to), StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void delete(String name) throws IOException {
    Files.delete(folder.resolve(name));
  }

  @Override
  public void sync() throws IOException {
    sync(folder);
  }

  private static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public long usableBytes() throws IOException {
    return store.getUsableSpace();
  }

  @Override
  public String describe(String name) {
    return folder.resolve(name).toString();
  }

  private record DiskFile(FileChannel channel) implements LogFile {
    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public void read(ByteBuffer target, long position) throws IOException {
      long next = position;
      while (target.hasRemaining()) {
        int count = channel.read(target, next);
        if (count < 0) {
          return;
        }
        next += count;
      }
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      long next = position;
      while (source.hasRemaining()) {
        next += channel.write(source, next);
      }
    }

    @Override
    public void sync() throws IOException {
      channel.force(false);
    }

    @Override
    public void truncate(long size) throws IOException {
      channel.truncate(size);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}

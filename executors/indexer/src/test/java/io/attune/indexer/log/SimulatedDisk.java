package io.attune.indexer.log;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;

/// A folder in memory that forgets on a crash what was not synced, wholly or in pieces.
///
/// Every operation that changes the disk is counted; the one with the number `crashAt` is done not
/// at all, in part or wholly, and no operation works after it. [#surviving] is then a disk as the
/// next start could find it: unsynced writes and truncations kept, dropped or kept in some of their
/// sectors; unsynced creations, renames and deletions kept up to a point.
final class SimulatedDisk implements LogFolder {
  private static final int SECTOR_BYTES = 64;

  /// What an operation does to a file's bytes.
  private static final class Change {
    final long position;
    final byte[] bytes;
    final boolean truncates;

    Change(long position, byte[] bytes, boolean truncates) {
      this.position = position;
      this.bytes = bytes;
      this.truncates = truncates;
    }

    byte[] applyTo(byte[] content) {
      if (truncates) {
        return Arrays.copyOf(content, (int) position);
      }
      byte[] grown =
          Arrays.copyOf(content, (int) Math.max(content.length, position + bytes.length));
      System.arraycopy(bytes, 0, grown, (int) position, bytes.length);
      return grown;
    }
  }

  private static final class Content {
    byte[] durable = new byte[0];
    byte[] current = new byte[0];
    final List<Change> unsynced = new ArrayList<>();
  }

  private final Map<String, Content> names = new TreeMap<>();
  private final Map<String, Content> durableNames = new TreeMap<>();
  private final List<Consumer<Map<String, Content>>> unsyncedNames = new ArrayList<>();
  private final Random random;
  private boolean isCrashed;

  /// The operation to crash in, 1 for the first.
  long crashAt = Long.MAX_VALUE;

  /// The operations so far.
  long operations;

  /// How many bytes fit; the write that reaches it is done in part and fails.
  long capacity = Long.MAX_VALUE;

  /// What [#usableBytes] says.
  long usable = Long.MAX_VALUE >> 1;

  /// Lets operations by these names fail: `write`, `sync`, `truncate`, `create`, `rename`.
  String failing = "";

  /// Runs before each sync of a file.
  Runnable beforeSync = () -> {};

  SimulatedDisk(Random random) {
    this.random = random;
  }

  /// The disk as a start after the crash, or after a kill now, finds it.
  synchronized SimulatedDisk surviving() {
    SimulatedDisk next = new SimulatedDisk(random);
    Map<String, Content> kept = new TreeMap<>(durableNames);
    int keptOperations = random.nextInt(unsyncedNames.size() + 1);
    unsyncedNames.subList(0, keptOperations).forEach(operation -> operation.accept(kept));
    kept.forEach((name, content) -> next.put(name, survivor(content)));
    return next;
  }

  /// The disk as a start finds it after the process was killed, and the machine went on.
  synchronized SimulatedDisk killed() {
    SimulatedDisk next = new SimulatedDisk(random);
    names.forEach((name, content) -> next.put(name, content.current));
    return next;
  }

  private byte[] survivor(Content content) {
    byte[] bytes = content.durable;
    for (Change change : content.unsynced) {
      switch (random.nextInt(3)) {
        case 0 -> bytes = change.applyTo(bytes);
        case 1 -> {
          if (!change.truncates) {
            bytes = someSectors(bytes, change);
          }
        }
        default -> {}
      }
    }
    return bytes;
  }

  private byte[] someSectors(byte[] before, Change change) {
    byte[] after = change.applyTo(before);
    for (int start = (int) change.position; start < after.length; start += SECTOR_BYTES) {
      int end = Math.min(after.length, start + SECTOR_BYTES);
      boolean isLost = start < change.position + change.bytes.length && random.nextBoolean();
      for (int i = start; isLost && i < end; i++) {
        after[i] = i < before.length ? before[i] : 0;
      }
    }
    return random.nextBoolean()
        ? after
        : Arrays.copyOf(
            after, random.nextInt(Math.min(before.length, after.length), after.length + 1));
  }

  /// Puts a durable file.
  synchronized void put(String name, byte[] bytes) {
    Content content = new Content();
    content.durable = bytes.clone();
    content.current = content.durable;
    names.put(name, content);
    durableNames.put(name, content);
  }

  synchronized void remove(String name) {
    names.remove(name);
    durableNames.remove(name);
  }

  synchronized byte[] bytes(String name) {
    return content(name).current.clone();
  }

  /// The same bytes on another disk.
  synchronized SimulatedDisk copy() {
    return killed();
  }

  private Content content(String name) {
    Content content = names.get(name);
    if (content == null) {
      throw new UncheckedIOException(new IOException("no file " + name));
    }
    return content;
  }

  /// Counts an operation and does it, unless this is where the disk crashes or fails.
  private synchronized void operate(String name, Runnable effect) throws IOException {
    if (isCrashed) {
      throw new IOException("crashed");
    }
    if (++operations == crashAt) {
      isCrashed = true;
      if (random.nextBoolean()) {
        effect.run();
      }
      throw new IOException("crashed in " + name);
    }
    if (failing.contains(name)) {
      throw new IOException(name + " failed");
    }
    effect.run();
  }

  private void change(Content content, Change change) {
    content.unsynced.add(change);
    content.current = change.applyTo(content.current);
  }

  private void rename(Consumer<Map<String, Content>> operation) {
    unsyncedNames.add(operation);
    operation.accept(names);
  }

  @Override
  public synchronized List<String> list() {
    return List.copyOf(names.keySet());
  }

  @Override
  public synchronized LogFile create(String name) throws IOException {
    Content content = new Content();
    operate(
        "create",
        () -> {
          if (names.containsKey(name)) {
            throw new UncheckedIOException(new IOException(name + " exists"));
          }
          rename(files -> files.put(name, content));
        });
    return new SimulatedFile(content);
  }

  @Override
  public synchronized LogFile open(String name) {
    return new SimulatedFile(content(name));
  }

  @Override
  public synchronized void rename(String from, String to) throws IOException {
    Content content = content(from);
    operate(
        "rename",
        () ->
            rename(files -> {
              files.remove(from);
              files.put(to, content);
            }));
  }

  @Override
  public synchronized void delete(String name) throws IOException {
    content(name);
    operate("delete", () -> rename(files -> files.remove(name)));
  }

  @Override
  public synchronized void sync() throws IOException {
    operate(
        "folder",
        () -> {
          durableNames.clear();
          durableNames.putAll(names);
          unsyncedNames.clear();
        });
  }

  @Override
  public long usableBytes() {
    return usable;
  }

  @Override
  public String describe(String name) {
    return "/simulated/" + name;
  }

  private synchronized long used() {
    return names.values().stream().mapToLong(content -> content.current.length).sum();
  }

  private final class SimulatedFile implements LogFile {
    private final Content content;

    SimulatedFile(Content content) {
      this.content = content;
    }

    @Override
    public long size() {
      synchronized (SimulatedDisk.this) {
        return content.current.length;
      }
    }

    @Override
    public void read(ByteBuffer target, long position) {
      synchronized (SimulatedDisk.this) {
        int count = (int) Math.min(target.remaining(), content.current.length - position);
        if (count > 0) {
          target.put(content.current, (int) position, count);
        }
      }
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      byte[] bytes = new byte[source.remaining()];
      source.get(bytes);
      synchronized (SimulatedDisk.this) {
        long growth = Math.max(0, position + bytes.length - content.current.length);
        long over = Math.max(0, used() + growth - capacity);
        int fitting = (int) Math.max(0, bytes.length - over);
        byte[] written = Arrays.copyOf(bytes, fitting);
        operate("write", () -> change(content, new Change(position, written, false)));
        if (fitting < bytes.length) {
          throw new IOException("No space left on device");
        }
      }
    }

    @Override
    public void sync() throws IOException {
      beforeSync.run();
      operate(
          "sync",
          () -> {
            content.durable = content.current;
            content.unsynced.clear();
          });
    }

    @Override
    public void truncate(long size) throws IOException {
      operate("truncate", () -> change(content, new Change(size, new byte[0], true)));
    }

    @Override
    public void close() {}
  }
}

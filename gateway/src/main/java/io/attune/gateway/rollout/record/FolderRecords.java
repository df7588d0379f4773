package io.attune.gateway.rollout.record;

import io.attune.models.Durable;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// [Records] in a folder, also one that several processes share.
///
/// Revision 7 of a key is the file `record.json` in the folder `KEY/7`. It is written in a folder
/// beside it, synced, and moved there in one step, which fails where the number is taken. The
/// greatest number counts. Old ones are removed, in ascending order, long after newer ones are
/// there. So who moves a folder to a number that was removed before does not find the number below
/// it, and has lost.
///
/// A key that is removed is renamed first, as its folder cannot be deleted in one step: of a folder
/// deleted in part an old revision would be the last one.
public final class FolderRecords implements Records {
  private static final String FILE = "record.json";
  private static final String DRAFT = ".draft-";
  private static final String GONE = ".gone-";
  private static final int KEPT = 16;
  private static final Pattern KEY =
      Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*");
  private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,17}");

  private final Path root;

  /// @param root made when the first text is written
  public FolderRecords(Path root) {
    this.root = root;
  }

  @Override
  public Optional<Entry> read(String key) throws IOException {
    Path folder = folder(key);
    while (true) {
      long last = last(folder);
      if (last == 0) {
        return Optional.empty();
      }
      try {
        String text = Files.readString(folder.resolve(Long.toString(last)).resolve(FILE));
        return Optional.of(new Entry(text, Long.toString(last)));
      } catch (NoSuchFileException gone) {
        if (last(folder) == last) {
          throw gone;
        }
      }
    }
  }

  @Override
  public Optional<String> compareAndSet(String key, String seen, String text) throws IOException {
    Path folder = folder(key);
    long before = seen.equals(NONE) ? 0 : Long.parseLong(seen);
    if (last(folder) != before) {
      return Optional.empty();
    }
    Path draft = folder.resolve(DRAFT + UUID.randomUUID());
    try {
      Durable.write(draft, FILE, text);
      Path place = folder.resolve(Long.toString(before + 1));
      if (!claim(draft, place)) {
        return Optional.empty();
      }
      Durable.syncFolder(folder);
      if (before == 0) {
        syncAbove(folder);
      }
      if (!isNext(folder, before)) {
        return Optional.empty();
      }
    } finally {
      Durable.deleteTree(draft);
    }
    removeOld(folder, before + 1 - KEPT);
    return Optional.of(Long.toString(before + 1));
  }

  /// Whether the number that was taken had never been removed.
  private static boolean isNext(Path folder, long before) throws IOException {
    return before == 0 ? last(folder) <= KEPT : Files.exists(folder.resolve(Long.toString(before)));
  }

  private static boolean claim(Path draft, Path place) throws IOException {
    try {
      Files.move(draft, place, StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (AtomicMoveNotSupportedException e) {
      throw e;
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException _) {
      return false;
    } catch (FileSystemException e) {
      if (Files.exists(place.resolve(FILE))) {
        return false;
      }
      throw e;
    }
  }

  /// The names of the folders that lead here.
  private void syncAbove(Path folder) throws IOException {
    for (Path above = folder.getParent();
        above != null && above.startsWith(root);
        above = above.getParent()) {
      Durable.syncFolder(above);
    }
  }

  private static void removeOld(Path folder, long upTo) throws IOException {
    for (long number : numbers(folder)) {
      if (number > upTo) {
        return;
      }
      try {
        Durable.deleteTree(folder.resolve(Long.toString(number)));
      } catch (NoSuchFileException _) {
        // another process removes it, too
      }
    }
  }

  @Override
  public void remove(String key) throws IOException {
    Path folder = folder(key);
    Path gone = folder.resolveSibling(GONE + UUID.randomUUID());
    try {
      Files.move(folder, gone, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException _) {
      return;
    }
    deleteGone(Objects.requireNonNull(gone.getParent()));
  }

  /// Also what somebody began to delete before.
  private static void deleteGone(Path parent) throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(parent, GONE + "*")) {
      for (Path each : all) {
        Durable.deleteTree(each);
      }
    } catch (NoSuchFileException _) {
      // another process deletes it, too
    }
  }

  @Override
  public List<String> keys(String prefix) throws IOException {
    Path folder = folder(prefix);
    try (Stream<Path> children = Files.list(folder)) {
      List<String> names = children.map(child -> child.getFileName().toString()).sorted().toList();
      return names.stream()
          .filter(name -> KEY.matcher(name).matches())
          .map(name -> prefix + "/" + name)
          .toList();
    } catch (NoSuchFileException _) {
      return List.of();
    }
  }

  private static long last(Path folder) throws IOException {
    return numbers(folder).stream().mapToLong(Long::longValue).max().orElse(0);
  }

  private static List<Long> numbers(Path folder) throws IOException {
    try (Stream<Path> children = Files.list(folder)) {
      return children
          .map(child -> child.getFileName().toString())
          .filter(name -> NUMBER.matcher(name).matches())
          .map(Long::valueOf)
          .sorted()
          .toList();
    } catch (NoSuchFileException | NotDirectoryException _) {
      return List.of();
    }
  }

  private Path folder(String key) {
    if (!KEY.matcher(key).matches()) {
      throw FlowException.invalid(
          "key: \"%s\" (expected: names of letters, digits, '.', '_', '-')".formatted(key));
    }
    return root.resolve(key);
  }
}

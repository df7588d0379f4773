package io.attune.models.archive;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/// A zip from outside. Nothing is written before the whole directory is checked: names that lead
/// out, links and devices, entries twice, too many of them, too many bytes, bytes that grow
/// suspiciously, methods other than stored and deflated, encryption. While unpacking, each entry
/// must have the length and the checksum that the directory says.
public final class ZipArchive {
  private static final int TYPE_MASK = 0170000;
  private static final int PLAIN_FILE = 0100000;
  private static final int FOLDER = 0040000;
  private static final int BUFFER_BYTES = 1 << 16;

  private final Path zip;
  private final ArchiveLimits limits;

  private ZipArchive(Path zip, ArchiveLimits limits) {
    this.zip = zip;
    this.limits = limits;
  }

  /// True where a file begins as a zip does.
  public static boolean isZip(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] start = in.readNBytes(4);
      return start.length == 4 && start[0] == 'P' && start[1] == 'K' && start[2] < 8;
    }
  }

  /// Unpacks a zip into an empty folder that nobody else writes to. Where it throws, files of the
  /// zip may be left in the folder.
  ///
  /// @throws FlowException (INVALID_ARGUMENT) naming the entry and what is wrong with it;
  ///   (RESOURCE_EXHAUSTED) where the disk has no room for it
  public static void unpack(Path zip, Path folder, ArchiveLimits limits) throws IOException {
    ZipDirectory.check(zip, limits);
    new ZipArchive(zip, limits).unpack(folder);
  }

  private void unpack(Path folder) throws IOException {
    try (ZipFile file = open()) {
      List<ZipArchiveEntry> entries = Collections.list(file.getEntries());
      long bytes = check(file, entries);
      requireRoom(folder, bytes);
      for (ZipArchiveEntry entry : entries) {
        if (!entry.isDirectory() && !EntryName.isDebris(entry.getName())) {
          Path target = folder.resolve(entry.getName());
          Files.createDirectories(target.getParent());
          unpack(file, entry, target);
        }
      }
    }
  }

  private ZipFile open() {
    try {
      return ZipFile.builder().setPath(zip).get();
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable("its directory", e);
    }
  }

  private long check(ZipFile file, List<ZipArchiveEntry> entries) throws IOException {
    if (entries.size() > limits.entries()) {
      throw ZipDirectory.refused(
          zip, entries.size() + " entries", "at most " + limits.entries() + " entries");
    }
    Set<String> names = new HashSet<>();
    long bytes = 0;
    for (ZipArchiveEntry entry : entries) {
      requireSane(file, entry);
      String name = entry.getName().toLowerCase(Locale.ROOT);
      if (!names.add(name.endsWith("/") ? name.substring(0, name.length() - 1) : name)) {
        throw refused(entry, "a name that is there twice", "each name once, in any case");
      }
      bytes += entry.getSize();
      if (bytes > limits.bytes()) {
        throw refused(entry, "more than " + limits.bytes() + " bytes so far", "at most that many");
      }
    }
    long packed = Files.size(zip);
    if (bytes > limits.freeBytes() && bytes / limits.ratio() > packed) {
      throw ZipDirectory.refused(
          zip,
          packed + " bytes that unpack to " + bytes,
          "at most " + limits.ratio() + " times as many; import the folder instead");
    }
    return bytes;
  }

  private void requireSane(ZipFile file, ZipArchiveEntry entry) {
    String flaw = EntryName.flaw(entry.getName());
    if (!flaw.isEmpty()) {
      throw refused(entry, flaw, "a relative path inside the archive");
    }
    int type = entry.getUnixMode() & TYPE_MASK;
    boolean plain = type == 0 || type == (entry.isDirectory() ? FOLDER : PLAIN_FILE);
    if (entry.isUnixSymlink() || !plain) {
      throw refused(
          entry, entry.isUnixSymlink() ? "a link" : "no plain file", "plain files and folders");
    }
    if (entry.getGeneralPurposeBit().usesEncryption()) {
      throw refused(entry, "encrypted", "no encryption");
    }
    int method = entry.getMethod();
    if ((method != ZipEntry.STORED && method != ZipEntry.DEFLATED)
        || !file.canReadEntryData(entry)) {
      throw refused(entry, "compressed by method " + method, "stored or deflated");
    }
    if (entry.getSize() < 0 || (entry.isDirectory() && entry.getSize() > 0)) {
      throw refused(entry, "a size of " + entry.getSize(), "0 or more, for folders 0");
    }
  }

  private static void requireRoom(Path folder, long bytes) throws IOException {
    long room = Files.getFileStore(folder).getUsableSpace();
    if (bytes > room) {
      throw new FlowException(
          ErrorCode.RESOURCE_EXHAUSTED,
          folder + ": " + room + " bytes are free (expected: " + bytes + " or more)");
    }
  }

  private void unpack(ZipFile file, ZipArchiveEntry entry, Path target) throws IOException {
    CRC32 crc = new CRC32();
    long written = 0;
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = open(file, entry);
        OutputStream out =
            Files.newOutputStream(
                target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (int read = read(in, buffer, entry); read >= 0; read = read(in, buffer, entry)) {
        written += read;
        if (written > entry.getSize()) {
          throw refused(entry, "more bytes than it says", entry.getSize() + " bytes");
        }
        crc.update(buffer, 0, read);
        out.write(buffer, 0, read);
      }
    }
    if (written != entry.getSize()) {
      throw refused(entry, written + " bytes", entry.getSize() + " bytes");
    }
    if (crc.getValue() != entry.getCrc()) {
      throw refused(
          entry,
          "damaged, checksum %08x".formatted(crc.getValue()),
          "%08x".formatted(entry.getCrc()));
    }
  }

  private InputStream open(ZipFile file, ZipArchiveEntry entry) {
    try {
      InputStream in = file.getInputStream(entry);
      if (in != null) {
        return in;
      }
      throw refused(entry, "no data", "stored or deflated bytes");
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable("entry \"" + entry.getName() + '"', e);
    }
  }

  private int read(InputStream in, byte[] buffer, ZipArchiveEntry entry) {
    try {
      return in.read(buffer);
    } catch (IOException e) {
      throw unreadable("entry \"" + entry.getName() + '"', e);
    }
  }

  private FlowException refused(ZipArchiveEntry entry, String actual, String expected) {
    return ZipDirectory.refused(
        zip, "entry \"" + printable(entry.getName()) + "\": " + actual, expected);
  }

  private FlowException unreadable(String what, Exception cause) {
    return new FlowException(
        ErrorCode.INVALID_ARGUMENT,
        zip.getFileName() + ": " + what + ": " + cause.getMessage() + " (expected: a whole zip)",
        cause);
  }

  private static String printable(String name) {
    String shown = name.length() <= 80 ? name : name.substring(0, 80) + "…";
    return shown.replaceAll("\\p{Cntrl}", "?");
  }
}

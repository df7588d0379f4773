package io.attune.models.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.models.Zips;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZipArchiveTest {
  private static final ArchiveLimits SMALL = new ArchiveLimits(10, 1 << 20, 50, 1 << 12);

  @TempDir private Path folder;
  private Path zip;
  private Path target;

  @BeforeEach
  void makeFolders() throws IOException {
    zip = folder.resolve("a.zip");
    target = Files.createDirectory(folder.resolve("target"));
  }

  private AbstractThrowableAssert<?, ? extends Throwable> refused(ArchiveLimits limits) {
    return assertThatThrownBy(() -> ZipArchive.unpack(zip, target, limits))
        .isInstanceOf(FlowException.class)
        .hasMessageStartingWith("a.zip: ")
        .hasMessageContaining("(expected: ");
  }

  private void assertNothingWritten() throws IOException {
    try (Stream<Path> files = Files.list(target)) {
      assertThat(files).isEmpty();
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactlyInAnyOrder(zip, target);
    }
  }

  /// Each pair is a name and a Unix mode, -1 for none.
  private void write(Object... namesAndModes) throws IOException {
    try (ZipArchiveOutputStream out = new ZipArchiveOutputStream(zip)) {
      for (int i = 0; i < namesAndModes.length; i += 2) {
        ZipArchiveEntry entry = new ZipArchiveEntry((String) namesAndModes[i]);
        int mode = (Integer) namesAndModes[i + 1];
        if (mode >= 0) {
          entry.setUnixMode(mode);
        }
        out.putArchiveEntry(entry);
        if (!entry.isDirectory()) {
          out.write("/etc/passwd".getBytes(StandardCharsets.UTF_8));
        }
        out.closeArchiveEntry();
      }
    }
  }

  @Test
  void unpacksFilesAndFoldersWithoutWhatDesktopsLeave() throws IOException {
    write(
        "m/",
        0040755,
        "m/a.txt",
        0100644,
        "__MACOSX/m/._a.txt",
        0100644,
        "m/.DS_Store",
        -1,
        "b",
        -1);
    ZipArchive.unpack(zip, target, SMALL);
    assertThat(target.resolve("m/a.txt")).hasContent("/etc/passwd");
    assertThat(target.resolve("b")).hasContent("/etc/passwd");
    assertThat(target.resolve("__MACOSX")).doesNotExist();
    assertThat(target.resolve("m/.DS_Store")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../evil",
        "a/../../evil",
        "/etc/evil",
        "..",
        "a//b",
        "./a",
        "C:/evil",
        "a:b",
        "a/..",
        "a/b/../c",
        "nul\u0000byte",
        "line\nbreak",
        "a./b",
        "a /b",
        "1/2/3/4/5/6/7/8/9"
      })
  void refusesNamesThatLeadOutOrDifferBySystem(String name) throws IOException {
    write("fine", 0100644, name, 0100644);
    refused(SMALL).hasMessageContaining("a relative path inside the archive");
    assertNothingWritten();
  }

  @Test
  void refusesBackslashesThatWindowsReadsAsFolders() throws IOException {
    Zips.of(zip, "..\\evil", 3);
    refused(SMALL).hasMessageContaining("a relative path inside the archive");
    assertNothingWritten();
  }

  @ParameterizedTest
  @ValueSource(ints = {0120777, 0010644, 0020644, 0060644, 0140644})
  void refusesLinksAndDevices(int mode) throws IOException {
    write("fine", 0100644, "odd", mode);
    refused(SMALL)
        .hasMessageContaining(mode == 0120777 ? "\"odd\": a link" : "\"odd\": no plain file");
    assertNothingWritten();
  }

  @Test
  void refusesNamesThatAreThereTwice() throws IOException {
    write("Model.onnx", -1, "model.onnx", -1);
    refused(SMALL).hasMessageContaining("\"model.onnx\": a name that is there twice");
    write("a", -1, "a/", -1);
    refused(SMALL).hasMessageContaining("a name that is there twice");
    assertNothingWritten();
  }

  @Test
  void refusesTooManyEntries() throws IOException {
    Object[] entries = new Object[22];
    for (int i = 0; i < entries.length; i += 2) {
      entries[i] = "file" + i;
      entries[i + 1] = -1;
    }
    write(entries);
    refused(SMALL).hasMessageContaining("11 entries").hasMessageContaining("at most 10 entries");
    assertNothingWritten();
  }

  @Test
  void refusesBombs() throws IOException {
    Zips.of(zip, "zeros", 1 << 19);
    refused(SMALL).hasMessageContaining("bytes that unpack to 524288 (expected: at most 50 times");
    Zips.of(zip, "a", 1 << 19, "b", 1 << 19, "c", 1);
    refused(SMALL).hasMessageContaining("\"c\": more than 1048576 bytes so far");
    assertNothingWritten();
  }

  @Test
  void refusesAnEntryThatGrowsPastWhatItSays() throws IOException {
    Zips.of(zip, "zeros", 3000);
    byte[] bytes = Files.readAllBytes(zip);
    // the unpacked size in the central directory, and none in the data descriptor's place
    patch(bytes, new byte[] {'P', 'K', 1, 2}, 24, 100);
    Files.write(zip, bytes);
    refused(SMALL).hasMessageContaining("\"zeros\": more bytes than it says (expected: 100 bytes)");
    patch(bytes, new byte[] {'P', 'K', 1, 2}, 24, 4000);
    Files.write(zip, bytes);
    try (Stream<Path> files = Files.list(target)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    refused(SMALL).hasMessageContaining("\"zeros\": 3000 bytes (expected: 4000 bytes)");
  }

  private static void patch(byte[] bytes, byte[] signature, int offset, int value) {
    for (int i = 0; i < bytes.length - signature.length; i++) {
      if (Arrays.equals(Arrays.copyOfRange(bytes, i, i + signature.length), signature)) {
        for (int b = 0; b < 4; b++) {
          bytes[i + offset + b] = (byte) (value >>> (8 * b));
        }
        return;
      }
    }
    throw new IllegalStateException("no such signature");
  }

  @Test
  void refusesEncryptionOtherMethodsAndZip64() throws IOException {
    Zips.of(zip, "a", 10);
    byte[] whole = Files.readAllBytes(zip);
    byte[] encrypted = whole.clone();
    patch(encrypted, new byte[] {'P', 'K', 1, 2}, 8, 0x00080009);
    Files.write(zip, encrypted);
    refused(SMALL).hasMessageContaining("\"a\": encrypted");
    byte[] bzip2 = whole.clone();
    patch(bzip2, new byte[] {'P', 'K', 1, 2}, 8, 0x000c0008);
    Files.write(zip, bzip2);
    refused(SMALL).hasMessageContaining("\"a\": compressed by method 12");
    byte[] zip64 = whole.clone();
    patch(zip64, new byte[] {'P', 'K', 5, 6}, 16, -1);
    Files.write(zip, zip64);
    refused(SMALL).hasMessageContaining("a zip64 archive");
    byte[] huge = whole.clone();
    patch(huge, new byte[] {'P', 'K', 5, 6}, 12, 1 << 30);
    Files.write(zip, huge);
    refused(SMALL).hasMessageContaining("a directory of 1073741824 bytes");
    assertNothingWritten();
  }

  @Test
  void refusesADiskWithoutRoom() throws IOException {
    Zips.of(zip, "a", 100);
    byte[] bytes = Files.readAllBytes(zip);
    patch(bytes, new byte[] {'P', 'K', 1, 2}, 24, Integer.MAX_VALUE);
    Files.write(zip, bytes);
    ArchiveLimits wide = new ArchiveLimits(10, 1L << 60, Integer.MAX_VALUE, 0);
    assertThatThrownBy(() -> ZipArchive.unpack(zip, target, wide))
        .isInstanceOf(FlowException.class);
  }

  @Test
  void refusesEveryTruncation() throws IOException {
    Zips.of(zip, "model.onnx", 3000, "tokenizer.json", 50);
    byte[] whole = Files.readAllBytes(zip);
    for (int length = 0; length < whole.length; length++) {
      Files.write(zip, Arrays.copyOf(whole, length));
      refused(SMALL).hasMessageContaining("no end of a zip's directory");
    }
    assertNothingWritten();
  }

  @Test
  void refusesOrUnpacksRightWhateverByteIsFlipped() throws IOException {
    long seed = 4711;
    Random random = new Random(seed);
    Zips.of(zip, "model.onnx", 300, "tokenizer.json", 50);
    byte[] whole = Files.readAllBytes(zip);
    for (int at = 0; at < whole.length; at++) {
      byte[] bytes = whole.clone();
      bytes[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(zip, bytes);
      Path place = Files.createDirectory(folder.resolve("flip" + at));
      try {
        ZipArchive.unpack(zip, place, SMALL);
        try (Stream<Path> files = Files.walk(place)) {
          for (Path file : files.filter(Files::isRegularFile).toList()) {
            // names and lengths may have changed together; content never
            assertThat(Files.readAllBytes(file)).containsOnly(0);
          }
        }
      } catch (FlowException e) {
        assertThat(e).as("seed %d, byte %d", seed, at).hasMessageContaining("(expected: ");
      }
    }
  }
}

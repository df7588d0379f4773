package io.attune.document.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.Golden;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BinaryStreamTest {
  private static final BinaryStream FORMAT = new BinaryStream();

  @TempDir private Path folder;

  private static void assertRefused(byte[] content, String message) {
    assertThatThrownBy(() -> Contents.read(content, FORMAT))
        .isInstanceOf(FileFormatException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip", "zlib", "bz2", "lzma", "lz4"})
  void readsWhatDocarrayWrote(String compression) throws IOException {
    DocumentArray documents = Contents.read(Golden.bytes("stream_" + compression + ".bin"), FORMAT);

    assertThat(documents.toProto()).isEqualTo(Golden.array("file_documents.bin").toProto());
  }

  @Test
  void readsNoDocuments() throws IOException {
    assertThat(Contents.read(Golden.bytes("stream_empty.bin"), FORMAT)).isEmpty();
  }

  @Test
  void writesTheBytesThatDocarrayWrites() throws IOException {
    Path file = folder.resolve("docs.bin");
    DocumentFile.write(file, Golden.array("file_documents.bin"));

    assertThat(Files.readAllBytes(file)).isEqualTo(Golden.bytes("stream_none.bin"));
    DocumentFile.write(file, DocumentArray.of());
    assertThat(Files.readAllBytes(file)).isEqualTo(Golden.bytes("stream_empty.bin"));
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void readsWhatWasWritten(Compression compression) throws IOException {
    Path file = folder.resolve("docs.protobuf" + compression.suffix());
    DocumentArray documents = Golden.array("file_documents.bin");

    DocumentFile.write(file, documents);

    assertThat(DocumentFile.read(file).toProto()).isEqualTo(documents.toProto());
    byte[] message = documents.getFirst().toProto().toByteArray();
    assertThat(Compression.of(compression.compress(message))).isEqualTo(compression);
  }

  @Test
  void refusesForeignFiles() {
    assertRefused(new byte[0], "file, byte 0: empty (expected: docarray's binary stream)");
    assertRefused(
        Golden.bytes("stream_pickle.bin"),
        "file, byte 0: starts with 128, which is Python's pickle (expected: 1, docarray's binary stream with protocol='protobuf')");
    assertRefused(
        Golden.bytes("stream_array.bin"),
        "file, byte 0: starts with 10, which is protocol='protobuf-array' (expected: 1, docarray's binary stream with protocol='protobuf')");
    assertRefused(
        Contents.utf8("{}"),
        "file, byte 0: starts with 123 (expected: 1, docarray's binary stream with protocol='protobuf')");
  }

  @Test
  void refusesEveryFileThatIsCutShort() {
    byte[] content = Golden.bytes("stream_none.bin");
    for (int length = 1; length < content.length; length++) {
      byte[] cut = Arrays.copyOf(content, length);
      String message =
          length < 9
              ? "file, byte " + length + ": ends in the header"
              : "file, byte " + length + ": ends in document ";
      assertThatThrownBy(() -> Contents.read(cut, FORMAT))
          .isInstanceOf(FileFormatException.class)
          .hasMessageStartingWith(message);
    }
  }

  @Test
  void refusesBytesBehindTheLastDocument() {
    byte[] content = Golden.bytes("stream_none.bin");
    assertRefused(
        Arrays.copyOf(content, content.length + 1),
        "file, byte " + content.length + ": more bytes after the last of 3 documents");
  }

  @Test
  void refusesAFileWhoseWriterNeverClosedIt() throws IOException {
    Path file = folder.resolve("docs.bin");
    DocumentWriter writer = DocumentFile.writer(file);
    for (int i = 0; i < 1_000; i++) {
      writer.write(Document.create().id("x".repeat(100)));
    }
    byte[] unfinished = Files.readAllBytes(file);
    writer.close();

    assertThat(unfinished.length).isGreaterThan(9);
    assertThatThrownBy(() -> Contents.read(unfinished, FORMAT))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("of an unfinished file");
    assertThat(DocumentFile.read(file)).hasSize(1_000);
  }

  @Test
  void refusesALengthOverTheBoundWithoutReservingIt() {
    byte[] content = ByteBuffer.allocate(13).put((byte) 1).putLong(1).putInt(0xFFFFFFFF).array();

    assertRefused(
        content, "file, byte 9: a document of 4294967295 bytes (expected: at most 134217728)");
  }

  @Test
  void refusesWhatUnpacksOverTheBound() throws IOException {
    byte[] bomb = Compression.GZIP.compress(new byte[1 << 20]);
    byte[] content =
        ByteBuffer.allocate(13 + bomb.length)
            .put((byte) 1)
            .putLong(1)
            .putInt(bomb.length)
            .put(bomb)
            .array();
    try (DocumentReader reader =
        new BinaryReader(Source.of(new ByteArrayInputStream(content), "file"), 1 << 16)) {
      assertThatThrownBy(reader::hasNext)
          .isInstanceOf(FileFormatException.class)
          .hasMessage(
              "file, byte 9: a document of more than 65536 bytes, compressed (expected: at most 65536)");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip", "zlib", "bz2", "lzma", "lz4"})
  void damageIsReadOrRefusedButNothingElse(String compression) {
    byte[] content = Golden.bytes("stream_" + compression + ".bin");
    Random random = new Random(11);
    for (int round = 0; round < 500; round++) {
      byte[] damaged = content.clone();
      for (int flips = random.nextInt(3); flips >= 0; flips--) {
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      }
      assertThatCode(
              () -> {
                try {
                  Contents.read(damaged, FORMAT);
                } catch (FileFormatException e) {
                  assertThat(e).hasMessageStartingWith("file, byte ");
                }
              })
          .as("round %d of %s", round, compression)
          .doesNotThrowAnyException();
    }
  }

  @Test
  void needsAFileToWriteTo() {
    assertThatThrownBy(() -> DocumentFile.writer(new ByteArrayOutputStream(), FORMAT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "format: docarray's binary stream to a pipe (expected: a file, JSON Lines or CSV)");
  }
}

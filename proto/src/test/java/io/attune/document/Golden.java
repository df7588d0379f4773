package io.attune.document;

import io.attune.proto.docarray.DocumentArrayProto;
import io.attune.proto.docarray.DocumentProto;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// Fixtures that the scripts of `src/test/python` made with the real docarray.
public final class Golden {
  private Golden() {}

  /// The bytes of a fixture.
  public static byte[] bytes(String name) {
    try (InputStream stream = Golden.class.getResourceAsStream("/golden/" + name)) {
      return Objects.requireNonNull(stream, name).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The text of a fixture.
  public static String text(String name) {
    return new String(bytes(name), StandardCharsets.UTF_8);
  }

  /// The documents of a fixture that holds an array.
  public static DocumentArray array(String name) {
    try {
      return DocumentArray.from(DocumentArrayProto.parseFrom(bytes(name)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The document of a fixture that holds one message.
  public static Document document(String name) {
    try {
      return Document.from(DocumentProto.parseFrom(bytes(name)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

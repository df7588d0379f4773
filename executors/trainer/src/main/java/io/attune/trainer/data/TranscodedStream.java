package io.attune.trainer.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/// A stream of characters in any encoding, as UTF-8. Bytes that are no characters are an error.
final class TranscodedStream extends InputStream {
  private final Reader reader;
  private final Charset encoding;
  private final String name;
  private final char[] characters = new char[1 << 13];
  private byte[] bytes = new byte[0];
  private int at;
  private char kept;

  TranscodedStream(InputStream stream, Charset encoding, String name) {
    this.reader =
        new InputStreamReader(
            stream,
            encoding
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT));
    this.encoding = encoding;
    this.name = name;
  }

  private boolean fill() throws IOException {
    int from = 0;
    if (kept != 0) {
      characters[from++] = kept;
      kept = 0;
    }
    try {
      int count = reader.read(characters, from, characters.length - from);
      if (count < 0) {
        return false;
      }
      int end = from + count;
      if (Character.isHighSurrogate(characters[end - 1])) {
        kept = characters[--end];
      }
      bytes = new String(characters, 0, end).getBytes(StandardCharsets.UTF_8);
      at = 0;
      return true;
    } catch (CharacterCodingException e) {
      throw new IOException(
          "%s: bytes that are no %s (expected: another encoding)".formatted(name, encoding), e);
    }
  }

  @Override
  public int read() throws IOException {
    while (at == bytes.length) {
      if (!fill()) {
        return -1;
      }
    }
    return bytes[at++] & 0xFF;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (at == bytes.length) {
      if (!fill()) {
        return -1;
      }
    }
    int count = Math.min(length, bytes.length - at);
    System.arraycopy(bytes, at, target, offset, count);
    at += count;
    return count;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}

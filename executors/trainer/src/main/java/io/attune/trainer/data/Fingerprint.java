package io.attune.trainer.data;

import io.attune.document.Document;
import io.attune.models.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Locale;

/// The first 128 bits of a SHA-256: equal for equal content, and for nothing else that will be met.
record Fingerprint(long high, long low) {
  static Fingerprint of(byte[] bytes) {
    ByteBuffer hash = ByteBuffer.wrap(Sha256.digest().digest(bytes));
    return new Fingerprint(hash.getLong(), hash.getLong());
  }

  static Fingerprint of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /// Of a document's content: a text as [#normalized(String)], anything else as it is.
  static Fingerprint ofContent(Document document) {
    return switch (document.contentCase()) {
      case TEXT -> of(normalized(document.text()));
      case TENSOR, BLOB, CONTENT_NOT_SET -> of(contentBytes(document));
    };
  }

  /// The content as bytes, for the hash of the data.
  static byte[] contentBytes(Document document) {
    return switch (document.contentCase()) {
      case TEXT -> document.text().getBytes(StandardCharsets.UTF_8);
      case TENSOR -> document.toProto().getTensor().toByteArray();
      case BLOB -> document.blob().toByteArray();
      case CONTENT_NOT_SET -> document.uri().getBytes(StandardCharsets.UTF_8);
    };
  }

  /// A text as it is compared: Unicode's NFKC, lower case, one space for each run of white space,
  /// none at the ends.
  static String normalized(String text) {
    String folded = Normalizer.normalize(text, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    StringBuilder collapsed = new StringBuilder(folded.length());
    for (int i = 0; i < folded.length(); i++) {
      char c = folded.charAt(i);
      if (!Character.isWhitespace(c)) {
        collapsed.append(c);
      } else if (!collapsed.isEmpty() && collapsed.charAt(collapsed.length() - 1) != ' ') {
        collapsed.append(' ');
      }
    }
    int end = collapsed.length();
    return collapsed.substring(0, end > 0 && collapsed.charAt(end - 1) == ' ' ? end - 1 : end);
  }
}

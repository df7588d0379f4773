package io.attune.trainer.data.collation;

import io.attune.models.Tokens;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The tokens of texts that were seen before, up to a number of bytes in all; what does not fit is
/// tokenised each time. Safe for use by many threads at once.
///
/// Looked up by the text itself: several datasets may be read through one cache, and number their
/// items alike.
final class TokenCache {
  private final long mostBytes;
  private final Map<String, Tokens> queries = new HashMap<>();
  private final Map<String, Tokens> documents = new HashMap<>();
  private long held;

  TokenCache(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  synchronized @Nullable Tokens get(String text, boolean query) {
    return (query ? queries : documents).get(text);
  }

  synchronized void put(String text, boolean query, Tokens tokens) {
    long bytes = bytes(text, tokens);
    if (held + bytes <= mostBytes
        && (query ? queries : documents).putIfAbsent(text, tokens) == null) {
      held += bytes;
    }
  }

  /// Of the characters, the two numbers of a token, and the objects that hold them.
  static long bytes(String text, Tokens tokens) {
    return 160 + text.length() + 8L * tokens.length();
  }
}

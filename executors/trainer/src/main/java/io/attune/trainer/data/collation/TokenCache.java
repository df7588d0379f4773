package io.attune.trainer.data.collation;

import io.attune.models.Tokens;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The tokens of items that were seen before, up to a number of tokens in all; what does not fit is
/// tokenised each time. Safe for use by many threads at once.
final class TokenCache {
  private final long mostTokens;
  private @Nullable Tokens[] tokens = new Tokens[0];
  private long held;

  TokenCache(long mostTokens) {
    this.mostTokens = mostTokens;
  }

  synchronized @Nullable Tokens get(int key) {
    return key < tokens.length ? tokens[key] : null;
  }

  synchronized void put(int key, Tokens value) {
    if (held + value.length() > mostTokens) {
      return;
    }
    if (key >= tokens.length) {
      tokens = Arrays.copyOf(tokens, Math.max(key + 1, tokens.length * 2));
    }
    if (tokens[key] == null) {
      held += value.length();
    }
    tokens[key] = value;
  }
}

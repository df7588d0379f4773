package io.attune.models;

import io.attune.runtime.FlowException;
import java.util.List;

/// Token sequences side by side, each padded to the longest: what the graph reads.
public final class Collation {
  private final int rows;
  private final int length;
  private final long[] inputIds;
  private final long[] attentionMask;
  private final long[] tokenTypeIds;

  private Collation(int rows, int length) {
    this.rows = rows;
    this.length = length;
    inputIds = new long[rows * length];
    attentionMask = new long[rows * length];
    tokenTypeIds = new long[rows * length];
  }

  /// Collates texts; the padding id is 0, which no masked position's result depends on. Where no
  /// text has a token, as a word tokeniser has none for `?`, each row is one position of padding.
  public static Collation of(List<Tokens> texts) {
    if (texts.isEmpty()) {
      throw FlowException.invalid("batch: empty (expected: one text or more)");
    }
    int longest = 1;
    for (Tokens text : texts) {
      longest = Math.max(longest, text.length());
    }
    if ((long) texts.size() * longest > Integer.MAX_VALUE / Long.BYTES) {
      throw FlowException.invalid(
          "batch: %d texts of up to %d tokens (expected: at most %d tokens with padding)"
              .formatted(texts.size(), longest, Integer.MAX_VALUE / Long.BYTES));
    }
    Collation batch = new Collation(texts.size(), longest);
    for (int row = 0; row < batch.rows; row++) {
      batch.put(row * longest, texts.get(row));
    }
    return batch;
  }

  private void put(int start, Tokens text) {
    int[] ids = text.ids();
    int[] types = text.typeIds();
    for (int i = 0; i < ids.length; i++) {
      inputIds[start + i] = ids[i];
      attentionMask[start + i] = 1;
      tokenTypeIds[start + i] = types[i];
    }
  }

  /// The number of texts.
  public int rows() {
    return rows;
  }

  /// The tokens of each row, padding included.
  public int length() {
    return length;
  }

  /// Token ids, row by row; not a copy.
  public long[] inputIds() {
    return inputIds;
  }

  /// 1 for a token, 0 for padding, row by row; not a copy.
  public long[] attentionMask() {
    return attentionMask;
  }

  /// Segments, row by row; not a copy.
  public long[] tokenTypeIds() {
    return tokenTypeIds;
  }
}

package io.attune.models;

/// A text as the token ids that a model reads, special tokens included.
public final class Tokens {
  private final int[] ids;
  private final int[] typeIds;
  private final boolean cut;

  /// @param ids the token ids; not copied
  /// @param typeIds the segment of each; not copied
  /// @param cut whether the text had more
  public Tokens(int[] ids, int[] typeIds, boolean cut) {
    this.ids = ids;
    this.typeIds = typeIds;
    this.cut = cut;
  }

  /// The token ids; not a copy.
  public int[] ids() {
    return ids;
  }

  /// The segment of each token, 0 for all of a single text; not a copy.
  public int[] typeIds() {
    return typeIds;
  }

  /// The number of tokens.
  public int length() {
    return ids.length;
  }

  /// True where the text was longer than `max_length` and lost its end.
  public boolean cut() {
    return cut;
  }
}

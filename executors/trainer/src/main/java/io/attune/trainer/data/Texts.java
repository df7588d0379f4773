package io.attune.trainer.data;

/// Texts as they are compared.
public final class Texts {
  private Texts() {}

  /// Unicode's NFKC, lower case, one space for each run of white space, none at the ends: texts for
  /// which it is equal are one content.
  public static String normalized(String text) {
    return Fingerprint.normalized(text);
  }
}

package io.attune.models;

import io.attune.runtime.FlowException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/// The identity of a vector space: vectors may be compared only within one.
///
/// @param id letters, digits, `.`, `_` and `-`, 1 to 64 of them; for a model's own space, the first
///   16 hexadecimal digits of the SHA-256 over everything that decides its vectors
public record Space(String id) {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

  /// The space of a Flow without an encoder, whose vectors come from outside.
  public static final Space EXTERNAL = new Space("external");

  public Space {
    if (!ID.matcher(id).matches()) {
      throw FlowException.invalid(
          "space: \"" + id + "\" (expected: 1 to 64 letters, digits, '.', '_' or '-')");
    }
  }

  /// The space of vectors that are computed from these parts alone: hashes of files, and settings
  /// that change what goes into the model.
  public static Space of(String... parts) {
    StringBuilder framed = new StringBuilder("attune space 1\n");
    for (String part : parts) {
      framed.append(part.length()).append(':').append(part).append('\n');
    }
    byte[] bytes = framed.toString().getBytes(StandardCharsets.UTF_8);
    return new Space(Sha256.of(bytes).substring(0, 16));
  }

  /// The space that an artifact's master has of its own.
  static Space of(Artifact artifact) {
    return of(artifact, artifact.files().getOrDefault(Artifact.MODEL, ""));
  }

  /// The space that a file of an artifact has of its own: what decides the vectors of documents.
  /// The query prompt is not in it, as another one finds the same documents at the same places.
  static Space of(Artifact artifact, String sha256) {
    return of(artifact, sha256, "");
  }

  /// Whether a file of an artifact may say that this is its space: what it is computed to be now,
  /// or was before query prompts were left out of it.
  boolean isOf(Artifact artifact, String sha256) {
    return equals(of(artifact, sha256)) || equals(of(artifact, sha256, artifact.queryPrompt()));
  }

  /// The place of the query prompt stays: without one, a space is what it always was.
  private static Space of(Artifact artifact, String sha256, String queryPrompt) {
    return of(
        sha256,
        artifact.files().getOrDefault(Artifact.TOKENIZER, ""),
        Integer.toString(artifact.maxLength()),
        queryPrompt,
        artifact.documentPrompt());
  }

  @Override
  public String toString() {
    return id;
  }
}

package io.attune.models;

import io.attune.runtime.FlowException;
import org.jspecify.annotations.Nullable;

/// What an import is told beyond the files.
///
/// @param name the model's name in the store
/// @param pooling how one vector is made of a text's tokens; null: `mean` where the graph ends in
///   token vectors, `none` where it ends in one vector to a text
/// @param normalize whether embeddings are brought to length 1; null: yes where pooling is added,
///   else as the graph does it
/// @param maxLength the most tokens of a text; null: 256, or the position table where that is less
/// @param similarity how embeddings are meant to be compared
/// @param queryPrompt put before the text of a query
/// @param documentPrompt put before the text of a document
public record ImportOptions(
    String name,
    @Nullable Pooling pooling,
    @Nullable Boolean normalize,
    @Nullable Integer maxLength,
    Similarity similarity,
    String queryPrompt,
    String documentPrompt) {
  /// The length that texts are cut to unless something else is said.
  public static final int DEFAULT_MAX_LENGTH = 256;

  public ImportOptions {
    Artifact.requireName(name);
    if (maxLength != null && maxLength < 3) {
      throw FlowException.invalid("max_length: " + maxLength + " (expected: 3..)");
    }
  }

  /// The defaults under a name.
  public static ImportOptions of(String name) {
    return new ImportOptions(name, null, null, null, Similarity.COSINE, "", "");
  }

  /// The same with a pooling.
  public ImportOptions withPooling(Pooling newPooling) {
    return new ImportOptions(
        name, newPooling, normalize, maxLength, similarity, queryPrompt, documentPrompt);
  }

  /// The same with or without normalisation.
  public ImportOptions withNormalize(boolean newNormalize) {
    return new ImportOptions(
        name, pooling, newNormalize, maxLength, similarity, queryPrompt, documentPrompt);
  }

  /// The same with a most number of tokens.
  public ImportOptions withMaxLength(int newMaxLength) {
    return new ImportOptions(
        name, pooling, normalize, newMaxLength, similarity, queryPrompt, documentPrompt);
  }

  /// The same with a similarity.
  public ImportOptions withSimilarity(Similarity newSimilarity) {
    return new ImportOptions(
        name, pooling, normalize, maxLength, newSimilarity, queryPrompt, documentPrompt);
  }

  /// The same with prompts.
  public ImportOptions withPrompts(String query, String document) {
    return new ImportOptions(name, pooling, normalize, maxLength, similarity, query, document);
  }
}

package io.attune.models;

import io.attune.runtime.FlowException;
import org.jspecify.annotations.Nullable;

/// What an import is told beyond the files. What is null is taken from the files that
/// sentence-transformers puts beside a model, where they are there, else as said here. An exported
/// artifact keeps all of its own but the name.
///
/// @param name the model's name in the store; null: the artifact's, else the folder's or file's
/// @param pooling how one vector is made of a text's tokens; null: `mean` where the graph ends in
///   token vectors, `none` where it ends in one vector to a text
/// @param normalize whether embeddings are brought to length 1; null: yes where pooling is added,
///   else as the graph does it
/// @param maxLength the most tokens of a text, 3 to 1,000,000; null: 256, or the position table
///   where that is less
/// @param similarity how embeddings are meant to be compared; null: cosine
/// @param queryPrompt put before the text of a query, at most 10,000 characters; null: nothing
/// @param documentPrompt put before the text of a document; null: nothing
public record ImportOptions(
    @Nullable String name,
    @Nullable Pooling pooling,
    @Nullable Boolean normalize,
    @Nullable Integer maxLength,
    @Nullable Similarity similarity,
    @Nullable String queryPrompt,
    @Nullable String documentPrompt) {
  /// The length that texts are cut to unless something else is said.
  public static final int DEFAULT_MAX_LENGTH = 256;

  /// Nothing said.
  public static final ImportOptions NONE =
      new ImportOptions(null, null, null, null, null, null, null);

  private static final int MAX_PROMPT = 10_000;

  public ImportOptions {
    if (name != null) {
      Artifact.requireName(name);
    }
    if (maxLength != null && (maxLength < 3 || maxLength > 1_000_000)) {
      throw FlowException.invalid("max_length: " + maxLength + " (expected: 3..1000000)");
    }
    requirePrompt("query_prompt", queryPrompt);
    requirePrompt("document_prompt", documentPrompt);
  }

  private static void requirePrompt(String key, @Nullable String prompt) {
    if (prompt != null && prompt.length() > MAX_PROMPT) {
      throw FlowException.invalid(
          key + ": " + prompt.length() + " characters (expected: at most " + MAX_PROMPT + ")");
    }
  }

  /// The defaults under a name.
  public static ImportOptions of(String name) {
    return NONE.withName(name);
  }

  /// The same with a name.
  public ImportOptions withName(@Nullable String newName) {
    return new ImportOptions(
        newName, pooling, normalize, maxLength, similarity, queryPrompt, documentPrompt);
  }

  /// The same with a pooling.
  public ImportOptions withPooling(@Nullable Pooling newPooling) {
    return new ImportOptions(
        name, newPooling, normalize, maxLength, similarity, queryPrompt, documentPrompt);
  }

  /// The same with or without normalisation.
  public ImportOptions withNormalize(@Nullable Boolean newNormalize) {
    return new ImportOptions(
        name, pooling, newNormalize, maxLength, similarity, queryPrompt, documentPrompt);
  }

  /// The same with a most number of tokens.
  public ImportOptions withMaxLength(@Nullable Integer newMaxLength) {
    return new ImportOptions(
        name, pooling, normalize, newMaxLength, similarity, queryPrompt, documentPrompt);
  }

  /// The same with a similarity.
  public ImportOptions withSimilarity(@Nullable Similarity newSimilarity) {
    return new ImportOptions(
        name, pooling, normalize, maxLength, newSimilarity, queryPrompt, documentPrompt);
  }

  /// The same with prompts.
  public ImportOptions withPrompts(@Nullable String query, @Nullable String document) {
    return new ImportOptions(name, pooling, normalize, maxLength, similarity, query, document);
  }

  /// These options, and where nothing is said here, those.
  ImportOptions or(ImportOptions other) {
    return new ImportOptions(
        name != null ? name : other.name,
        pooling != null ? pooling : other.pooling,
        normalize != null ? normalize : other.normalize,
        maxLength != null ? maxLength : other.maxLength,
        similarity != null ? similarity : other.similarity,
        queryPrompt != null ? queryPrompt : other.queryPrompt,
        documentPrompt != null ? documentPrompt : other.documentPrompt);
  }
}

package io.attune.document;

/// A named number on a document: a match's distance, or an evaluation.
///
/// @param value for a match, docarray's distance: smaller is nearer
/// @param opName how it was computed, such as `cosine`; may be empty
/// @param description free text; may be empty
/// @param refId the id of the document it refers to, such as the query; may be empty
public record Score(float value, String opName, String description, String refId) {
  /// A score of a value alone.
  public static Score of(double value) {
    return new Score((float) value, "", "", "");
  }
}

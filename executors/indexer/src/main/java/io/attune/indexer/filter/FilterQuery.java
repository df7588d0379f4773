package io.attune.indexer.filter;

import io.attune.document.Document;
import io.attune.document.query.Field;
import io.attune.document.query.Query;
import io.attune.document.query.Query.And;
import io.attune.document.query.Query.Comparison;
import io.attune.document.query.Query.Exists;
import io.attune.document.query.Query.In;
import io.attune.document.query.Query.InField;
import io.attune.document.query.Query.Not;
import io.attune.document.query.Query.Operand;
import io.attune.document.query.Query.Or;
import io.attune.document.query.Query.Placeholder;
import io.attune.document.query.Query.Regex;
import io.attune.document.query.Query.Size;
import java.util.List;

/// A filter as a Lucene query for what can be looked up, and the rest of it, which each document
/// that the Lucene query finds is checked for.
///
/// @param lucene finds every root document that the filter accepts, and where there is a rest
///   perhaps more; documents that are no roots, too
/// @param rest what a document that was found must still fulfil; [#EVERYTHING] for nothing
public record FilterQuery(org.apache.lucene.search.Query lucene, Query rest) {
  /// The filter that accepts every document.
  public static final Query EVERYTHING = new And(List.of());

  /// Translates a filter.
  ///
  /// @param idField the Lucene field of the terms of ids
  public static FilterQuery of(Query filter, String idField) {
    Translation.Part part = new Translation(idField).of(filter);
    return new FilterQuery(part.lucene(), part.isExact() ? EVERYTHING : filter);
  }

  /// Whether what the Lucene query finds must be checked.
  public boolean hasRest() {
    return !rest.equals(EVERYTHING);
  }

  /// Whether the check needs documents with their embeddings.
  public boolean looksAtEmbeddings() {
    return looksAtEmbeddings(rest);
  }

  /// Whether a document that was found is accepted.
  public boolean accepts(Document document) {
    return rest.matches(document);
  }

  private static boolean looksAtEmbeddings(Query query) {
    return switch (query) {
      case And(var clauses) -> anyLooks(clauses);
      case Or(var clauses) -> anyLooks(clauses);
      case Not(var clause) -> looksAtEmbeddings(clause);
      case Comparison(var field, var _, var operand) -> names(field) || names(operand);
      case In(var field, var _) -> names(field);
      case InField(var field, var other) -> names(field) || names(other);
      case Regex(var field, var _) -> names(field);
      case Size(var field, var operand) -> names(field) || names(operand);
      case Exists(var field, var _) -> names(field);
    };
  }

  private static boolean anyLooks(List<Query> clauses) {
    return clauses.stream().anyMatch(FilterQuery::looksAtEmbeddings);
  }

  private static boolean names(Operand operand) {
    return operand instanceof Placeholder(var field) && names(field);
  }

  private static boolean names(Field field) {
    return field.parts().contains("embedding");
  }
}

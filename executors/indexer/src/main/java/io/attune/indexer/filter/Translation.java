package io.attune.indexer.filter;

import com.google.protobuf.Value;
import io.attune.document.query.Field;
import io.attune.document.query.Query.And;
import io.attune.document.query.Query.Comparison;
import io.attune.document.query.Query.Exists;
import io.attune.document.query.Query.In;
import io.attune.document.query.Query.InField;
import io.attune.document.query.Query.Literal;
import io.attune.document.query.Query.Not;
import io.attune.document.query.Query.Or;
import io.attune.document.query.Query.Regex;
import io.attune.document.query.Query.Relation;
import io.attune.document.query.Query.Size;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.document.BinaryPoint;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermInSetQuery;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.util.BytesRef;

/// Translates filters. What it cannot express it widens, so that nothing is lost, and says so.
final class Translation {
  private static final Part ANY = new Part(MatchAllDocsQuery.INSTANCE, false);
  private static final Query NONE = MatchNoDocsQuery.INSTANCE;

  /// Lucene refuses queries of more than 1,024 clauses; a filter of more than so many is partly
  /// checked by reading documents.
  private static final int MAX_CLAUSES = 300;

  private final String idField;
  private int clauses;

  Translation(String idField) {
    this.idField = idField;
  }

  /// A translated part of a filter.
  ///
  /// @param lucene finds all that the part accepts
  /// @param isExact whether it finds nothing else
  record Part(Query lucene, boolean isExact) {
    static Part exactly(Query lucene) {
      return new Part(lucene, true);
    }

    static Part atLeast(Query lucene) {
      return new Part(lucene, false);
    }
  }

  Part of(io.attune.document.query.Query filter) {
    if (++clauses > MAX_CLAUSES) {
      return ANY;
    }
    return switch (filter) {
      case And(var clauses) -> all(clauses);
      case Or(var clauses) -> any(clauses);
      case Not(var clause) -> not(of(clause));
      case Comparison comparison -> comparison(comparison);
      case In(var field, var values) -> in(field, List.copyOf(values));
      case Exists(var field, var expected) -> exists(field, expected);
      case Regex(var field, var _) -> whereText(field);
      case Size _, InField _ -> ANY;
    };
  }

  private Part all(List<io.attune.document.query.Query> clauses) {
    BooleanQuery.Builder all = new BooleanQuery.Builder();
    all.add(MatchAllDocsQuery.INSTANCE, Occur.FILTER);
    boolean isExact = true;
    for (var clause : clauses) {
      Part part = of(clause);
      isExact &= part.isExact();
      all.add(part.lucene(), Occur.FILTER);
    }
    return new Part(all.build(), isExact);
  }

  private Part any(List<io.attune.document.query.Query> clauses) {
    List<Query> alternatives = new ArrayList<>();
    boolean isExact = true;
    for (var clause : clauses) {
      Part part = of(clause);
      isExact &= part.isExact();
      alternatives.add(part.lucene());
    }
    return new Part(anyOf(alternatives), isExact);
  }

  private static Query anyOf(List<Query> alternatives) {
    if (alternatives.isEmpty()) {
      return NONE;
    }
    BooleanQuery.Builder any = new BooleanQuery.Builder();
    alternatives.forEach(alternative -> any.add(alternative, Occur.SHOULD));
    return any.build();
  }

  /// The opposite of what is widened is not known.
  private static Part not(Part part) {
    return part.isExact() ? Part.exactly(without(part.lucene())) : ANY;
  }

  private static Query without(Query query) {
    return new BooleanQuery.Builder()
        .add(MatchAllDocsQuery.INSTANCE, Occur.FILTER)
        .add(query, Occur.MUST_NOT)
        .build();
  }

  private Part comparison(Comparison comparison) {
    Field field = comparison.field();
    if (!(comparison.operand() instanceof Literal(var value))) {
      return ANY;
    }
    if (isId(field)) {
      return comparison.relation() == Relation.EQUAL && value.hasStringValue()
          ? Part.exactly(id(value))
          : ANY;
    }
    if (!isLookedUp(field)) {
      return ANY;
    }
    return switch (value.getKindCase()) {
      case NUMBER_VALUE -> number(field, comparison.relation(), value.getNumberValue());
      case BOOL_VALUE -> number(field, comparison.relation(), value.getBoolValue() ? 1 : 0);
      case STRING_VALUE ->
          comparison.relation() == Relation.EQUAL ? text(field, value) : whereText(field);
      case NULL_VALUE, KIND_NOT_SET, LIST_VALUE, STRUCT_VALUE -> ANY;
    };
  }

  private Part number(Field field, Relation relation, double bound) {
    if (Double.isNaN(bound)) {
      return ANY;
    }
    double below = Math.nextDown(bound);
    double above = Math.nextUp(bound);
    double least = Double.NEGATIVE_INFINITY;
    double greatest = Double.POSITIVE_INFINITY;
    Query numbers =
        switch (relation) {
          case EQUAL -> between(field, bound, bound);
          case LESS -> bound == least ? NONE : between(field, least, below);
          case LESS_OR_EQUAL -> between(field, least, bound);
          case GREATER -> bound == greatest ? NONE : between(field, above, greatest);
          case GREATER_OR_EQUAL -> between(field, bound, greatest);
        };
    boolean fitsUnset =
        switch (relation) {
          case EQUAL -> bound == 0;
          case LESS -> 0 < bound;
          case LESS_OR_EQUAL -> 0 <= bound;
          case GREATER -> 0 > bound;
          case GREATER_OR_EQUAL -> 0 >= bound;
        };
    boolean isOwn = FilterFields.OWN_NUMBERS.contains(field.key());
    return Part.exactly(
        isOwn && fitsUnset ? anyOf(List.of(numbers, without(present(field)))) : numbers);
  }

  private static Query between(Field field, double least, double greatest) {
    byte[] key = FilterFields.key(FilterFields.path(field.parts()));
    return BinaryPoint.newRangeQuery(
        FilterFields.NUMBERS,
        new byte[][] {key, FilterFields.point(least)},
        new byte[][] {key, FilterFields.point(greatest)});
  }

  private static Part text(Field field, Value value) {
    byte[] bytes = value.getStringValue().getBytes(StandardCharsets.UTF_8);
    if (bytes.length > FilterFields.MAX_TEXT_BYTES) {
      return Part.atLeast(present(field));
    }
    if (bytes.length == 0 && FilterFields.OWN_TEXTS.contains(field.key())) {
      return Part.exactly(without(present(field)));
    }
    BytesRef term = FilterFields.term(FilterFields.path(field.parts()), bytes);
    return Part.exactly(new TermQuery(new Term(FilterFields.TEXTS, term)));
  }

  private Part in(Field field, List<Value> values) {
    if (isId(field)) {
      List<BytesRef> ids = new ArrayList<>();
      for (Value value : values) {
        if (value.hasStringValue()) {
          ids.add(new BytesRef(value.getStringValue()));
        }
      }
      return Part.exactly(new TermInSetQuery(idField, ids));
    }
    clauses += values.size();
    if (!isLookedUp(field) || clauses > MAX_CLAUSES) {
      return ANY;
    }
    List<Query> alternatives = new ArrayList<>();
    boolean isExact = true;
    for (Value value : values) {
      Part part =
          switch (value.getKindCase()) {
            case NUMBER_VALUE -> number(field, Relation.EQUAL, value.getNumberValue());
            case STRING_VALUE -> text(field, value);
            case BOOL_VALUE, NULL_VALUE, KIND_NOT_SET, LIST_VALUE, STRUCT_VALUE -> ANY;
          };
      isExact &= part.isExact();
      alternatives.add(part.lucene());
    }
    return new Part(anyOf(alternatives), isExact);
  }

  private Part exists(Field field, boolean expected) {
    if (!isLookedUp(field)) {
      return isId(field) ? Part.exactly(expected ? MatchAllDocsQuery.INSTANCE : NONE) : ANY;
    }
    return Part.exactly(expected ? present(field) : without(present(field)));
  }

  /// Where a text may be: own texts may be empty.
  private static Part whereText(Field field) {
    return isLookedUp(field) && field.isNested() ? Part.atLeast(present(field)) : ANY;
  }

  private static Query present(Field field) {
    BytesRef key = new BytesRef(FilterFields.key(FilterFields.path(field.parts())));
    return new TermQuery(new Term(FilterFields.PRESENT, key));
  }

  private Query id(Value value) {
    return new TermQuery(new Term(idField, value.getStringValue()));
  }

  private static boolean isId(Field field) {
    return field.key().equals("id");
  }

  /// Whether a field's scalar values and presence lie in the index under its path. A part that may
  /// be an index could also mean an element or a character, which do not.
  private static boolean isLookedUp(Field field) {
    List<String> parts = field.parts();
    String name = parts.getFirst();
    if (parts.size() == 1) {
      return FilterFields.OWN_TEXTS.contains(name)
          || FilterFields.OWN_NUMBERS.contains(name)
          || name.equals(FilterFields.TAGS);
    }
    return name.equals(FilterFields.TAGS)
        && FilterFields.reaches(parts)
        && parts.stream().skip(1).noneMatch(part -> part.matches("-?[0-9]+"));
  }
}

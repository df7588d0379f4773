package io.attune.document.query;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// A condition on a document in DocArray's query language (docarray 0.21, `da.find({...})`), such
/// as `{"tags__price": {"$lt": 10}, "$or": [{"text": {"$regex": "^a"}}, {"weight": {"$gt": 1}}]}`.
///
/// The fourteen operators are `$eq $neq $lt $lte $gt $gte $in $nin $regex $size $exists $and $or
/// $not`; `$neq` and `$nin` are read as the negation of `$eq` and `$in`. Fields are those of
/// [Document] by their names on the wire, nested keys joined by `__` ([Field]). Several keys of one
/// object are joined by and. A text operand `{tags__other}` stands for another field of the same
/// document. Values compare as in Python: true is 1 and false is 0, texts by code point, lists
/// element by element.
///
/// Four things differ from docarray, on purpose:
/// - what raises an exception there while a document is looked at (comparing a text with a number,
///   an index past the end of a list, a key below a number) is "no match" here, so that one odd
///   document does not fail a search;
/// - keys beside `$or` or `$not` are joined by and. docarray adds them *into* the `$or` or `$not`
///   if that comes first, but the order of keys is not kept on the wire;
/// - a key of digits below an object (`tags__2024`) is a key, not an index;
/// - queries that can never be meant are refused: `$in` with a text, `$size` with a fraction,
///   comparing a tensor, an unknown field.
public sealed interface Query {
  /// Fits if all clauses fit; without clauses, always.
  record And(List<Query> clauses) implements Query {
    public And {
      clauses = List.copyOf(clauses);
    }
  }

  /// Fits if a clause fits; without clauses, never.
  record Or(List<Query> clauses) implements Query {
    public Or {
      clauses = List.copyOf(clauses);
    }
  }

  /// Fits if its clause does not.
  record Not(Query clause) implements Query {}

  /// Fits if the field's value stands in a relation to the operand.
  record Comparison(Field field, Relation relation, Operand operand) implements Query {}

  /// Fits if the field's value is one of the values, which are normalised: numbers for booleans.
  record In(Field field, Set<Value> values) implements Query {
    public In {
      values =
          values.stream().map(Values::normal).collect(Collectors.toCollection(LinkedHashSet::new));
    }
  }

  /// Fits if the field's value is in the other field's list, a key of its object, or a part of its
  /// text.
  record InField(Field field, Field other) implements Query {}

  /// Fits if the pattern is found in the field's text.
  record Regex(Field field, SearchPattern pattern) implements Query {}

  /// Fits if the field's text, list, object, array or tensor has as many code points, elements,
  /// keys, documents or rows.
  record Size(Field field, Operand operand) implements Query {}

  /// Fits if the field has a value, or with `expected` false if it has none: for a field of the
  /// document itself, if it is not empty; for a nested key, if it is there and not null.
  record Exists(Field field, boolean expected) implements Query {}

  /// How a value stands to another. Values of different kinds are neither equal nor ordered.
  enum Relation {
    EQUAL,
    LESS,
    LESS_OR_EQUAL,
    GREATER,
    GREATER_OR_EQUAL
  }

  /// What a field is compared with.
  sealed interface Operand {
    /// The value for a document.
    Value of(Document document);
  }

  /// A constant.
  record Literal(Value value) implements Operand {
    @Override
    public Value of(Document document) {
      return value;
    }
  }

  /// Another field of the same document, written `{name}`.
  record Placeholder(Field field) implements Operand {
    @Override
    public Value of(Document document) {
      return field.value(document);
    }
  }

  /// Fits every document: the empty query.
  static Query everything() {
    return new And(List.of());
  }

  /// Reads a query; an empty object is [#everything()].
  ///
  /// @throws QueryException for what is not a query, naming the place
  static Query parse(Struct query) {
    return new QueryParser().parse(query);
  }

  /// Reads a query of an object; null is [#everything()].
  ///
  /// @throws QueryException for what is not a query, naming the place
  static Query parse(Value query) {
    return switch (query.getKindCase()) {
      case NULL_VALUE, KIND_NOT_SET -> everything();
      case STRUCT_VALUE -> parse(query.getStructValue());
      case NUMBER_VALUE, STRING_VALUE, BOOL_VALUE, LIST_VALUE ->
          throw QueryException.at("query", Values.show(query), "an object");
    };
  }

  /// Whether a document fits.
  ///
  /// @throws QueryException if a pattern takes too long on the document's text
  default boolean matches(Document document) {
    return switch (this) {
      case And(var clauses) -> {
        for (Query clause : clauses) {
          if (!clause.matches(document)) {
            yield false;
          }
        }
        yield true;
      }
      case Or(var clauses) -> {
        for (Query clause : clauses) {
          if (clause.matches(document)) {
            yield true;
          }
        }
        yield false;
      }
      case Not(var clause) -> !clause.matches(document);
      case Comparison(var field, var relation, var operand) ->
          Values.stands(field.value(document), relation, operand.of(document));
      case In(var field, var values) -> values.contains(Values.normal(field.value(document)));
      case InField(var field, var other) ->
          Values.contains(other.value(document), field.value(document));
      case Regex(var field, var pattern) -> {
        Value text = field.value(document);
        yield text.hasStringValue() && pattern.isFoundIn(text.getStringValue());
      }
      case Size(var field, var operand) -> {
        Value size = operand.of(document);
        yield size.hasNumberValue() && field.size(document) == size.getNumberValue();
      }
      case Exists(var field, var expected) -> field.exists(document) == expected;
    };
  }
}

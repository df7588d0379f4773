package io.attune.document.query;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.query.Query.And;
import io.attune.document.query.Query.Comparison;
import io.attune.document.query.Query.Exists;
import io.attune.document.query.Query.In;
import io.attune.document.query.Query.InField;
import io.attune.document.query.Query.Literal;
import io.attune.document.query.Query.Not;
import io.attune.document.query.Query.Operand;
import io.attune.document.query.Query.Or;
import io.attune.document.query.Query.Placeholder;
import io.attune.document.query.Query.Regex;
import io.attune.document.query.Query.Relation;
import io.attune.document.query.Query.Size;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads one query. A place in it is written as a path: `$and[1].weight.$gt`.
final class QueryParser {
  static final int MAX_DEPTH = 32;
  static final int MAX_CLAUSES = 1_024;
  static final int MAX_VALUES = 65_536;

  private static final String OPERATORS =
      "$eq, $neq, $lt, $lte, $gt, $gte, $in, $nin, $regex, $size, $exists, $and, $or, $not";
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\s*([a-zA-Z0-9_]*)\\s*}");

  private int clauses;

  Query parse(Struct query) {
    return object(query, "", 0);
  }

  /// The conditions of an object, joined by and.
  private Query object(Struct query, String place, int depth) {
    return and(clauses(query, place, depth));
  }

  private static Query and(List<Query> clauses) {
    return clauses.size() == 1 ? clauses.getFirst() : new And(clauses);
  }

  private List<Query> clauses(Struct query, String place, int depth) {
    if (depth > MAX_DEPTH) {
      throw QueryException.at(
          at(place), "nested deeper than " + MAX_DEPTH, "at most " + MAX_DEPTH + " levels");
    }
    List<Query> result = new ArrayList<>();
    for (Map.Entry<String, Value> entry : query.getFieldsMap().entrySet()) {
      String key = entry.getKey();
      String here = place.isEmpty() ? key : place + "." + key;
      result.add(
          key.startsWith("$")
              ? logical(key, entry.getValue(), here, depth)
              : condition(key, entry.getValue(), here, depth));
    }
    return result;
  }

  private Query logical(String operator, Value operand, String place, int depth) {
    count(place);
    return switch (operator) {
      case "$and" -> and(list(operand, place, depth));
      case "$or" -> {
        List<Query> alternatives = list(operand, place, depth);
        yield alternatives.size() == 1 ? alternatives.getFirst() : new Or(alternatives);
      }
      case "$not" -> new Not(and(list(operand, place, depth)));
      default ->
          throw OPERATORS.contains(operator + ",")
              ? QueryException.at(
                  place, "an operator without a field", "{\"field\": {\"" + operator + "\": …}}")
              : unknown(place);
    };
  }

  /// The queries of a list, or those of an object's keys.
  private List<Query> list(Value operand, String place, int depth) {
    return switch (operand.getKindCase()) {
      case STRUCT_VALUE -> clauses(operand.getStructValue(), place, depth + 1);
      case LIST_VALUE -> {
        List<Query> result = new ArrayList<>();
        List<Value> values = operand.getListValue().getValuesList();
        for (int i = 0; i < values.size(); i++) {
          String here = place + "[" + i + "]";
          if (!values.get(i).hasStructValue()) {
            throw QueryException.at(here, Values.show(values.get(i)), "an object");
          }
          Struct query = values.get(i).getStructValue();
          count(here);
          if (query.getFieldsCount() > 0) {
            result.add(object(query, here, depth + 1));
          }
        }
        yield result;
      }
      case STRING_VALUE, NUMBER_VALUE, BOOL_VALUE, NULL_VALUE, KIND_NOT_SET ->
          throw QueryException.at(place, Values.show(operand), "a list of queries, or a query");
    };
  }

  /// `{"field": {"$operator": operand, …}}`.
  private Query condition(String key, Value operators, String place, int depth) {
    Field field = Field.parse(key, place);
    if (!operators.hasStructValue() || operators.getStructValue().getFieldsCount() == 0) {
      throw QueryException.at(
          place, Values.show(operators), "an object of operators, such as {\"$eq\": 1}");
    }
    List<Query> result = new ArrayList<>();
    operators
        .getStructValue()
        .getFieldsMap()
        .forEach((operator, operand) ->
            result.add(operation(field, operator, operand, place + "." + operator, depth)));
    return and(result);
  }

  private Query operation(Field field, String operator, Value operand, String place, int depth) {
    count(place);
    boolean isComparison =
        switch (operator) {
          case "$size", "$exists", "$and", "$or", "$not" -> false;
          default -> OPERATORS.contains(operator + ",");
        };
    if (isComparison && field.isOpaque()) {
      throw QueryException.at(place, "compares a whole " + field.name(), "$exists or $size");
    }
    return switch (operator) {
      case "$eq" -> new Comparison(field, Relation.EQUAL, operand(operand, place));
      case "$neq" -> new Not(new Comparison(field, Relation.EQUAL, operand(operand, place)));
      case "$lt" -> new Comparison(field, Relation.LESS, ordered(operand, place));
      case "$lte" -> new Comparison(field, Relation.LESS_OR_EQUAL, ordered(operand, place));
      case "$gt" -> new Comparison(field, Relation.GREATER, ordered(operand, place));
      case "$gte" -> new Comparison(field, Relation.GREATER_OR_EQUAL, ordered(operand, place));
      case "$in" -> membership(field, operand, place);
      case "$nin" -> new Not(membership(field, operand, place));
      case "$regex" -> regex(field, operand, place);
      case "$size" -> new Size(field, size(operand, place));
      case "$exists" -> {
        if (!operand.hasBoolValue()) {
          throw QueryException.at(place, Values.show(operand), "true or false");
        }
        yield new Exists(field, operand.getBoolValue());
      }
      // as in docarray, the operand is a query of its own and the field plays no part
      case "$and", "$or", "$not" -> logical(operator, operand, place, depth);
      default -> throw unknown(place);
    };
  }

  private static Operand operand(Value value, String place) {
    if (!value.hasStringValue() || !value.getStringValue().startsWith("{")) {
      return new Literal(value);
    }
    Matcher matcher = PLACEHOLDER.matcher(value.getStringValue());
    String name = matcher.find() ? matcher.group(1) : null;
    if (name == null || matcher.find()) {
      throw QueryException.at(
          place, Values.show(value), "one placeholder such as \"{tags__price}\"");
    }
    Field field = Field.parse(name, place + ": {" + name + "}");
    if (field.isOpaque()) {
      throw QueryException.at(place, Values.show(value), "a field that can be compared");
    }
    return new Placeholder(field);
  }

  private static Operand ordered(Value value, String place) {
    if (Values.isNull(value) || value.hasStructValue()) {
      throw QueryException.at(place, Values.show(value), "a number, text, boolean or list");
    }
    return operand(value, place);
  }

  private static Query membership(Field field, Value value, String place) {
    if (value.hasListValue()) {
      List<Value> values = value.getListValue().getValuesList();
      if (values.size() > MAX_VALUES) {
        throw QueryException.at(
            place, values.size() + " values", "at most " + MAX_VALUES + " values");
      }
      return new In(field, new LinkedHashSet<>(values));
    }
    if (value.hasStringValue() && operand(value, place) instanceof Placeholder(var other)) {
      return new InField(field, other);
    }
    throw QueryException.at(place, Values.show(value), "a list, or a placeholder");
  }

  private static Query regex(Field field, Value value, String place) {
    if (!value.hasStringValue()) {
      throw QueryException.at(place, Values.show(value), "a regular expression");
    }
    if (value.getStringValue().startsWith("{")) {
      throw QueryException.at(place, Values.show(value), "a regular expression, not a placeholder");
    }
    return new Regex(field, SearchPattern.of(value.getStringValue(), place));
  }

  private static Operand size(Value value, String place) {
    double number = value.getNumberValue();
    if (value.hasNumberValue() && number >= 0 && number == Math.rint(number)) {
      return new Literal(value);
    }
    if (value.hasStringValue() && operand(value, place) instanceof Placeholder placeholder) {
      return placeholder;
    }
    throw QueryException.at(place, Values.show(value), "a whole number >= 0");
  }

  private void count(String place) {
    if (++clauses > MAX_CLAUSES) {
      throw QueryException.at(
          at(place), "more than " + MAX_CLAUSES + " conditions", "at most " + MAX_CLAUSES);
    }
  }

  /// A place that may be long, cut from the left.
  private static String at(String place) {
    return place.length() > 80 ? "…" + place.substring(place.length() - 80) : place;
  }

  private static QueryException unknown(String place) {
    return QueryException.at(at(place), "no operator", OPERATORS);
  }
}

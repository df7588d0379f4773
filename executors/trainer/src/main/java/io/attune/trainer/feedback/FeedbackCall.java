package io.attune.trainer.feedback;

import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.runtime.Call;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import io.attune.runtime.registry.Spelling;
import io.attune.trainer.data.Tags;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a request to this executor asks for.
///
/// @param executor the executor's name: parameters for it may lie under that name, too
record FeedbackCall(Call call, String executor) {
  static final String REQUEST = "request_id";
  static final String QUERY = "query";
  static final String RELEVANT = "relevant";
  static final String IRRELEVANT = "irrelevant";
  static final String DOCUMENTS = "documents";
  static final String SINCE = "since";

  private static final int MOST = 10_000;

  /// One judgment.
  ///
  /// @param query empty where the request does not name one
  record Asked(String request, String query, String document, boolean relevant) {}

  /// The parameters, which must be of these names.
  Parameters parameters(String... names) {
    List<String> known = List.of(names);
    for (String name : call.parameters().struct().getFieldsMap().keySet()) {
      if (!known.contains(name) && !name.startsWith("__") && !name.equals(executor)) {
        throw FlowException.invalid(
            "%s: unknown parameter of %s (expected: %s)"
                .formatted(
                    name,
                    call.endpoint(),
                    known.isEmpty() ? "none" : Spelling.expected(name, known)));
      }
    }
    return call.parameters();
  }

  /// The judgments of `/feedback`: of the documents by their tags, and of the ids in the
  /// parameters.
  List<Asked> judgments() {
    Parameters parameters = parameters(REQUEST, QUERY, RELEVANT, IRRELEVANT);
    String request = parameters.string(REQUEST, "");
    String query = parameters.string(QUERY, "");
    List<Asked> asked = new ArrayList<>();
    ids(parameters, RELEVANT).forEach(id -> asked.add(new Asked(request, query, id, true)));
    ids(parameters, IRRELEVANT).forEach(id -> asked.add(new Asked(request, query, id, false)));
    for (Document document : call.documents()) {
      asked.add(
          new Asked(
              text(document, REQUEST).orElse(request),
              text(document, QUERY).orElse(query),
              document.id(),
              isRelevant(document)));
    }
    if (asked.isEmpty()) {
      throw FlowException.invalid(
          "feedback: none (expected: documents with tag relevant, or the parameters relevant and"
              + " irrelevant)");
    }
    if (asked.size() > MOST) {
      throw FlowException.invalid(
          "feedback: %d judgments (expected: at most %d)".formatted(asked.size(), MOST));
    }
    for (Asked each : asked) {
      if (each.request().isEmpty()) {
        throw FlowException.invalid(
            "request_id: missing (expected: header.request_id of the answer to the search)");
      }
    }
    return List.copyOf(new LinkedHashSet<>(asked));
  }

  private static Optional<String> text(Document document, String tag) {
    return document
        .tag(tag)
        .map(value -> {
          if (!value.hasStringValue()) {
            throw FlowException.invalid(
                "document %s: tag %s (expected: a string)".formatted(document.id(), tag));
          }
          return value.getStringValue();
        });
  }

  private static boolean isRelevant(Document document) {
    Value value =
        document
            .tag(RELEVANT)
            .or(() -> document.tag(Tags.LABEL))
            .orElse(Value.getDefaultInstance());
    switch (value.getKindCase()) {
      case BOOL_VALUE -> {
        return value.getBoolValue();
      }
      case NUMBER_VALUE -> {
        double number = value.getNumberValue();
        if (number == 1 || number == 0 || number == -1) {
          return number == 1;
        }
      }
      case STRING_VALUE, LIST_VALUE, STRUCT_VALUE, NULL_VALUE, KIND_NOT_SET -> {}
    }
    throw FlowException.invalid(
        "document %s: tag relevant (expected: true or false, or 1, 0 or -1)"
            .formatted(document.id()));
  }

  /// The ids of a parameter: one or a list of them.
  static Set<String> ids(Parameters parameters, String name) {
    Value value = parameters.value(name).orElse(Value.getDefaultInstance());
    List<Value> values =
        switch (value.getKindCase()) {
          case STRING_VALUE -> List.of(value);
          case LIST_VALUE -> value.getListValue().getValuesList();
          case KIND_NOT_SET -> List.of();
          case NULL_VALUE, NUMBER_VALUE, BOOL_VALUE, STRUCT_VALUE -> throw noIds(name);
        };
    Set<String> ids = new LinkedHashSet<>();
    for (Value each : values) {
      if (!each.hasStringValue()) {
        throw noIds(name);
      }
      ids.add(each.getStringValue());
    }
    return ids;
  }

  private static FlowException noIds(String name) {
    return FlowException.invalid(name + ": not ids (expected: a string or a list of strings)");
  }

  /// The time that `/feedback/status` is to count from, beside all that stands.
  Optional<Instant> since() {
    return parameters(SINCE)
        .string(SINCE)
        .map(text -> {
          try {
            return Instant.parse(text);
          } catch (DateTimeParseException e) {
            throw new FlowException(
                ErrorCode.INVALID_ARGUMENT,
                "since: %s (expected: a time such as 2026-01-31T08:00:00Z)".formatted(text),
                e);
          }
        });
  }

  /// What a request such as `/delete` or `/feedback/undo` names: its documents, and the ids of a
  /// parameter.
  Set<String> named(String parameter) {
    Set<String> ids = ids(call.parameters(), parameter);
    call.documents().forEach(document -> ids.add(document.id()));
    return ids;
  }
}

package io.attune.runtime;

import io.grpc.Context;
import io.grpc.Metadata;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a call says beside its message, and the names under which it says so.
///
/// @param models the model versions the request is stamped with, one for a name at most
/// @param priority how soon the answer is wanted; null where the caller did not say
/// @param resultsInOrder on a stream: whether answers come in the order of the requests
/// @param prefetch on a stream: how many requests may be in flight; 0 leaves it to the server
/// @param session whose request it is, so that a share of the sessions gets another version; empty
///   where the caller did not say
public record CallMetadata(
    List<ModelVersion> models,
    @Nullable Priority priority,
    boolean resultsInOrder,
    int prefetch,
    String session) {
  /// The stamp: `name@version` and further ones after commas.
  public static final Metadata.Key<String> MODEL = ascii("x-attune-model");

  /// `interactive` or `bulk`.
  public static final Metadata.Key<String> PRIORITY = ascii("x-attune-priority");

  /// The endpoint, as Jina's gateways send it along; the request's header decides.
  public static final Metadata.Key<String> ENDPOINT = ascii("endpoint");

  /// `true` where a stream's answers must come in the order of its requests.
  public static final Metadata.Key<String> RESULTS_IN_ORDER = ascii("__results_in_order__");

  /// How many requests of a stream may be in flight, in decimal.
  public static final Metadata.Key<String> PREFETCH = ascii("__prefetch__");

  /// Whose request it is: any text, the same for all requests of a person.
  public static final Metadata.Key<String> SESSION = ascii("x-attune-session");

  /// The trailer `true` of a unary call whose answer is an error.
  public static final Metadata.Key<String> IS_ERROR = ascii("is-error");

  /// A call that says nothing beside its message.
  public static final CallMetadata NONE = new CallMetadata(List.of(), null, false, 0);

  /// Where the metadata of the call being served lies.
  public static final Context.Key<CallMetadata> CURRENT =
      Context.keyWithDefault("attune-call-metadata", NONE);

  public CallMetadata {
    models = List.copyOf(models);
    long names = models.stream().map(ModelVersion::name).distinct().count();
    if (names != models.size()) {
      throw FlowException.invalid(
          "%s: %s (expected: one version for each model)".formatted(MODEL.name(), models));
    }
  }

  /// What says nothing of a session.
  public CallMetadata(
      List<ModelVersion> models,
      @Nullable Priority priority,
      boolean resultsInOrder,
      int prefetch) {
    this(models, priority, resultsInOrder, prefetch, "");
  }

  /// Reads what a call says.
  ///
  /// @throws FlowException where a value is wrong
  public static CallMetadata from(Metadata headers) {
    String models = headers.get(MODEL);
    String priority = headers.get(PRIORITY);
    String ordered = headers.get(RESULTS_IN_ORDER);
    String prefetch = headers.get(PREFETCH);
    String session = headers.get(SESSION);
    if (models == null
        && priority == null
        && ordered == null
        && prefetch == null
        && session == null) {
      return NONE;
    }
    return new CallMetadata(
        models == null ? List.of() : models(models),
        priority == null ? null : priority(priority),
        "true".equalsIgnoreCase(ordered),
        prefetch == null ? 0 : prefetch(prefetch),
        session == null ? "" : session);
  }

  /// Writes it, so that [#from] reads the same.
  public void writeTo(Metadata headers) {
    if (!models.isEmpty()) {
      headers.put(
          MODEL, models.stream().map(ModelVersion::toString).collect(Collectors.joining(", ")));
    }
    if (priority != null) {
      headers.put(PRIORITY, priority.name().toLowerCase(Locale.ROOT));
    }
    if (resultsInOrder) {
      headers.put(RESULTS_IN_ORDER, "true");
    }
    if (prefetch > 0) {
      headers.put(PREFETCH, String.valueOf(prefetch));
    }
    if (!session.isEmpty()) {
      headers.put(SESSION, session);
    }
  }

  private static List<ModelVersion> models(String text) {
    return Arrays.stream(text.split(",", -1)).map(String::trim).map(ModelVersion::parse).toList();
  }

  private static Priority priority(String text) {
    for (Priority priority : Priority.values()) {
      if (priority.name().equalsIgnoreCase(text)) {
        return priority;
      }
    }
    throw FlowException.invalid(
        "%s: %s (expected: interactive or bulk)".formatted(PRIORITY.name(), text));
  }

  private static int prefetch(String text) {
    try {
      int value = Integer.parseInt(text);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException _) {
      // falls through to the one message
    }
    throw FlowException.invalid(
        "%s: %s (expected: a whole number from 0)".formatted(PREFETCH.name(), text));
  }

  private static Metadata.Key<String> ascii(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}

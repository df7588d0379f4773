package io.attune.trainer.data;

import com.google.protobuf.Value;
import io.attune.document.Document;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The tags by which documents say how they relate.
public final class Tags {
  /// On a document: its class, a text or a number. On a match: whether it belongs to its document.
  public static final String LABEL = "finetuner_label";

  /// On a document with two chunks: how similar the chunks are, 0 to 1.
  public static final String SCORE = "finetuner_score";

  private Tags() {}

  /// A tag's text: a text as it is, a whole number without a fraction; empty for one that is not
  /// set, or is neither text nor number.
  static Optional<String> text(Document document, String name) {
    return document.tag(name).flatMap(Tags::text);
  }

  /// A tag's number, or the number that its text writes; null where it is neither.
  static @Nullable Double number(Document document, String name) {
    try {
      return Double.valueOf(text(document, name).orElse("").strip());
    } catch (NumberFormatException _) {
      return null;
    }
  }

  private static Optional<String> text(Value value) {
    return switch (value.getKindCase()) {
      case STRING_VALUE -> Optional.of(value.getStringValue());
      case NUMBER_VALUE -> {
        double number = value.getNumberValue();
        boolean isWhole = number == Math.rint(number) && Math.abs(number) < 0x1p53;
        yield Optional.of(isWhole ? Long.toString((long) number) : Double.toString(number));
      }
      case BOOL_VALUE -> Optional.of(Boolean.toString(value.getBoolValue()));
      case NULL_VALUE, LIST_VALUE, STRUCT_VALUE, KIND_NOT_SET -> Optional.empty();
    };
  }
}

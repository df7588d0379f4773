package io.attune.trainer.feedback;

import io.attune.runtime.FlowException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A span of time as people write it: a whole number and `s`, `m`, `h` or `d`, such as `30d`.
public final class Span {
  private static final Pattern WRITTEN = Pattern.compile("(\\d{1,9})([smhd])");

  private Span() {}

  /// Reads one of an option.
  ///
  /// @throws FlowException naming the option where it is none, or out of its range
  public static Duration parse(String option, String text, Duration least, Duration most) {
    Matcher written = WRITTEN.matcher(text);
    if (written.matches()) {
      long number = Long.parseLong(written.group(1));
      Duration span =
          switch (written.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number); // the pattern has no other
          };
      if (span.compareTo(least) >= 0 && span.compareTo(most) <= 0) {
        return span;
      }
    }
    throw FlowException.invalid(
        "%s: %s (expected: a number with s, m, h or d, such as 30d, %s..%s)"
            .formatted(option, text, format(least), format(most)));
  }

  /// Writes one, in the largest unit that divides it.
  public static String format(Duration span) {
    long seconds = span.toSeconds();
    if (seconds > 0 && seconds % 86_400 == 0) {
      return seconds / 86_400 + "d";
    }
    if (seconds > 0 && seconds % 3_600 == 0) {
      return seconds / 3_600 + "h";
    }
    return seconds > 0 && seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }
}

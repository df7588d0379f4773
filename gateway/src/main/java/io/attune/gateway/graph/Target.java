package io.attune.gateway.graph;

import io.attune.runtime.FlowException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// A request's `target_executor`: a regular expression that must match at the start of an
/// executor's name, so that `foo` also means `foo2`.
///
/// The expression comes from the network, so its length and the work of matching are bounded.
final class Target {
  private static final int MAX_LENGTH = 256;
  private static final int MAX_STEPS = 100_000;

  private final String text;
  private final Pattern pattern;

  private Target(String text, Pattern pattern) {
    this.text = text;
    this.pattern = pattern;
  }

  /// Reads an expression.
  ///
  /// @throws FlowException where it is not one
  static Target of(String text) {
    if (text.length() > MAX_LENGTH) {
      throw FlowException.invalid(
          "target_executor: %d characters (expected: at most %d)"
              .formatted(text.length(), MAX_LENGTH));
    }
    try {
      return new Target(text, Pattern.compile(text));
    } catch (PatternSyntaxException e) {
      throw FlowException.invalid(
          "target_executor: %s (expected: a regular expression; %s)"
              .formatted(text, e.getDescription()));
    }
  }

  boolean matches(String executor) {
    try {
      return pattern.matcher(new Counted(executor, new AtomicInteger())).lookingAt();
    } catch (StackOverflowError | TooManySteps _) {
      throw FlowException.invalid(
          "target_executor: %s (expected: an expression that is cheap to match)".formatted(text));
    }
  }

  private static final class TooManySteps extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooManySteps() {
      super("", null, false, false);
    }
  }

  /// A name that counts how often it is looked at.
  private record Counted(String name, AtomicInteger steps) implements CharSequence {
    @Override
    public char charAt(int index) {
      if (steps.incrementAndGet() > MAX_STEPS) {
        throw new TooManySteps();
      }
      return name.charAt(index);
    }

    @Override
    public int length() {
      return name.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return new Counted(name.substring(start, end), steps);
    }

    @Override
    public String toString() {
      return name;
    }
  }
}

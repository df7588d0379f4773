package io.attune.document;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Which documents of a tree are meant, in docarray's notation: `@r` the array itself, `@c` its
/// chunks, `@m` its matches, `@cm` the matches of the chunks, `@r,c` both, `@r[:10]` the first ten,
/// `@c[0]m[-2:]` the last two matches of each first chunk. The `@` and blanks may be left out.
public final class TraversalPaths {
  static final int MAX_LENGTH = 1_000;

  private final String text;
  private final List<List<Step>> paths;

  private TraversalPaths(String text, List<List<Step>> paths) {
    this.text = text;
    this.paths = paths;
  }

  /// Reads paths.
  ///
  /// @throws IllegalArgumentException for what is no path, with the position
  public static TraversalPaths parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "traversal path: %d characters (expected: at most %d)"
              .formatted(text.length(), MAX_LENGTH));
    }
    return new TraversalPaths(text, new Reader(text).paths());
  }

  /// A new array of all documents that the paths lead to, path by path.
  public DocumentArray documents(DocumentArray documents) {
    DocumentArray result = DocumentArray.of();
    arrays(documents).forEach(result::addAll);
    return result;
  }

  /// The arrays at the ends of the paths.
  List<DocumentArray> arrays(DocumentArray documents) {
    List<DocumentArray> result = new ArrayList<>();
    for (List<Step> path : paths) {
      walk(documents, path, 0, result);
    }
    return result;
  }

  private static void walk(
      DocumentArray documents, List<Step> path, int at, List<DocumentArray> result) {
    if (at == path.size()) {
      result.add(documents);
      return;
    }
    Step step = path.get(at);
    switch (step.selector()) {
      case ROOT -> walk(step.cut(documents), path, at + 1, result);
      case CHUNKS -> {
        for (Document document : documents) {
          walk(step.cut(document.chunks()), path, at + 1, result);
        }
      }
      case MATCHES -> {
        for (Document document : documents) {
          walk(step.cut(document.matches()), path, at + 1, result);
        }
      }
    }
  }

  @Override
  public String toString() {
    return text;
  }

  private enum Selector {
    ROOT,
    CHUNKS,
    MATCHES
  }

  private record Step(Selector selector, @Nullable Slice slice) {
    DocumentArray cut(DocumentArray documents) {
      return slice == null ? documents : slice.of(documents);
    }
  }

  /// Python's `start:stop:step`.
  private record Slice(@Nullable Integer start, @Nullable Integer stop, int step) {
    DocumentArray of(DocumentArray documents) {
      int size = documents.size();
      int lowest = step > 0 ? 0 : -1;
      int highest = step > 0 ? size : size - 1;
      int from =
          start == null ? (step > 0 ? lowest : highest) : clamp(start, size, lowest, highest);
      int to = stop == null ? (step > 0 ? highest : lowest) : clamp(stop, size, lowest, highest);
      DocumentArray result = DocumentArray.of();
      for (long i = from; step > 0 ? i < to : i > to; i += step) {
        result.add(documents.get((int) i));
      }
      return result;
    }

    private static int clamp(int index, int size, int lowest, int highest) {
      int fromStart = index < 0 ? index + size : index;
      return Math.clamp(fromStart, lowest, highest);
    }
  }

  /// Reads from left to right; positions count from 0 in the text as given.
  private static final class Reader {
    private final String text;
    private int at;

    Reader(String text) {
      this.text = text;
    }

    List<List<Step>> paths() {
      if (peek() == '@') {
        at++;
      }
      List<List<Step>> paths = new ArrayList<>();
      paths.add(path());
      while (peek() == ',') {
        at++;
        paths.add(path());
      }
      if (peek() != 0) {
        throw unexpected("r, c, m, a slice or a comma");
      }
      return paths;
    }

    private List<Step> path() {
      List<Step> steps = new ArrayList<>();
      steps.add(step());
      while (peek() != 0 && peek() != ',') {
        steps.add(step());
      }
      return steps;
    }

    private Step step() {
      Selector selector =
          switch (peek()) {
            case 'r' -> Selector.ROOT;
            case 'c' -> Selector.CHUNKS;
            case 'm' -> Selector.MATCHES;
            case '.' -> throw unexpected("r, c or m; attributes of data classes are not read");
            default -> throw unexpected("r, c or m");
          };
      at++;
      return new Step(selector, slice());
    }

    private @Nullable Slice slice() {
      boolean wrapped = peek() == '[';
      int start = at;
      if (wrapped) {
        at++;
      }
      StringBuilder body = new StringBuilder();
      while (peek() == '-' || peek() == ':' || (peek() >= '0' && peek() <= '9')) {
        body.append(peek());
        at++;
      }
      if (!wrapped) {
        return body.isEmpty() ? null : slice(body.toString(), start);
      }
      if (peek() != ']' || body.isEmpty()) {
        throw unexpected("a slice such as [0:10]");
      }
      at++;
      return slice(body.toString(), start);
    }

    private Slice slice(String body, int start) {
      String[] parts = body.split(":", -1);
      if (parts.length > 3) {
        throw wrong(body, start, "start:stop:step");
      }
      Integer first = number(parts[0], body, start);
      if (parts.length == 1) {
        if (first == null || first < 0) {
          throw wrong(body, start, "an index from 0, or a slice such as [-1:]");
        }
        return new Slice(first, Math.addExact(first, 1), 1);
      }
      Integer stop = number(parts[1], body, start);
      Integer step = parts.length == 3 ? number(parts[2], body, start) : null;
      if (step != null && step == 0) {
        throw wrong(body, start, "a step that is not 0");
      }
      return new Slice(first, stop, step == null ? 1 : step);
    }

    private @Nullable Integer number(String digits, String body, int start) {
      if (digits.isEmpty()) {
        return null;
      }
      try {
        int number = Integer.parseInt(digits);
        if (number < Integer.MAX_VALUE) {
          return number;
        }
      } catch (NumberFormatException _) {
        // told below
      }
      throw wrong(body, start, "whole numbers below 2^31 - 1");
    }

    /// The next character that is not blank; 0 at the end.
    private char peek() {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
      return at < text.length() ? text.charAt(at) : 0;
    }

    private IllegalArgumentException unexpected(String expected) {
      String was = peek() == 0 ? "the end" : "\"" + peek() + "\"";
      return error(was, at, expected);
    }

    private IllegalArgumentException wrong(String body, int position, String expected) {
      return error("\"" + body + "\"", position, expected);
    }

    private IllegalArgumentException error(String was, int position, String expected) {
      return new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "traversal path \"%s\": %s at %d (expected: %s)",
              text,
              was,
              position,
              expected));
    }
  }
}

package io.attune.cli.hello;

import io.attune.cli.Console;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Asks a person which of the answers found are right: the numbers of the right ones, one line for
/// each question.
final class QaJudge {
  private static final int SHOWN = 5;
  private static final int WIDTH = 110;
  private static final String ENOUGH = "q";
  private static final String SKIP = "s";

  private final Console console;
  private final BufferedReader lines;
  private final int most;
  private final Map<String, String> texts;

  /// @param lines what the person types
  /// @param most about how many questions; 0 for none
  QaJudge(Console console, QaCorpus corpus, BufferedReader lines, int most) {
    this.console = console;
    this.lines = lines;
    this.most = most;
    this.texts =
        corpus.answers().stream()
            .collect(Collectors.toMap(QaCorpus.Answer::id, QaCorpus.Answer::text));
  }

  /// What a person said of the answers to a question.
  ///
  /// @param shown the ids that were judged
  /// @param right those that are right
  record Said(List<String> shown, Set<String> right) {}

  /// Asks about some of the searches, spread over all, until there is enough.
  ///
  /// @return what was said, by the search
  Map<QaJob.Found, Said> ask(List<QaJob.Found> all) throws IOException {
    int wanted = Math.min(most, all.size());
    if (wanted == 0) {
      return Map.of();
    }
    List<QaJob.Found> found = new ArrayList<>();
    for (int i = 0; i < wanted; i++) {
      found.add(all.get((int) ((long) i * all.size() / wanted)));
    }
    console.note("");
    console.note(
        "Which answers are right? Their numbers, or Enter for none of them; %s skips, %s is enough."
            .formatted(SKIP, ENOUGH));
    Map<QaJob.Found, Said> said = new LinkedHashMap<>();
    for (int i = 0; i < found.size(); i++) {
      QaJob.Found each = found.get(i);
      List<String> shown = each.ids().stream().limit(SHOWN).toList();
      show("%d/%d  %s".formatted(i + 1, found.size(), each.question().text()), shown);
      Optional<String> line = answer(shown.size());
      if (line.isEmpty()) {
        break;
      }
      if (!line.get().equals(SKIP)) {
        said.put(each, new Said(shown, right(line.get(), shown)));
      }
    }
    return said;
  }

  private void show(String question, List<String> shown) {
    console.note("");
    console.note(question);
    for (int i = 0; i < shown.size(); i++) {
      console.note("  %d  %s".formatted(i + 1, cut(texts.getOrDefault(shown.get(i), ""))));
    }
  }

  private static String cut(String text) {
    String line = text.replaceAll("\\s+", " ");
    return line.length() <= WIDTH ? line : line.substring(0, WIDTH - 1) + "…";
  }

  /// A line that can be understood; empty where there is enough.
  private Optional<String> answer(int shown) throws IOException {
    while (true) {
      console.err().print("? ");
      console.err().flush();
      String line = lines.readLine();
      if (line == null || line.strip().equals(ENOUGH)) {
        return Optional.empty();
      }
      String answer = line.strip();
      if (answer.equals(SKIP) || numbers(answer).matches("([1-%d] )*".formatted(shown))) {
        return Optional.of(answer);
      }
      console.note(
          "%s (expected: numbers from 1 to %d, %s or %s)".formatted(answer, shown, SKIP, ENOUGH));
    }
  }

  /// The words of a line, each with a space behind it.
  private static String numbers(String line) {
    String words = line.replaceAll("[\\s,]+", " ").strip();
    return words.isEmpty() ? "" : words + " ";
  }

  private static Set<String> right(String line, List<String> shown) {
    Function<String, String> id = number -> shown.get(Integer.parseInt(number) - 1);
    String words = numbers(line).strip();
    return words.isEmpty()
        ? Set.of()
        : List.of(words.split(" ", -1)).stream()
            .map(id)
            .collect(Collectors.toCollection(LinkedHashSet::new));
  }
}

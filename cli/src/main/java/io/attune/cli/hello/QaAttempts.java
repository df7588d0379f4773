package io.attune.cli.hello;

import io.attune.models.Durable;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/// How many candidates were judged by one set of questions, kept in a workspace: whoever tries
/// often enough on the same questions finds one that is better there by chance, so the gate asks
/// more of each.
final class QaAttempts {
  private static final String FILE = "attempts";

  private QaAttempts() {}

  /// The how-manieth attempt the next one is; counted before it is judged, so that one which is
  /// broken off counts too. Twice as many questions as the first attempt had are another set.
  ///
  /// @param folder where the number is kept
  /// @param questions how many judge it
  static int next(Path folder, int questions) throws IOException {
    Standing before = read(folder);
    Standing now =
        questions >= 2 * before.questions()
            ? new Standing(1, questions)
            : new Standing(before.attempt() + 1, before.questions());
    Durable.write(folder, FILE, now.attempt() + " " + now.questions());
    return now.attempt();
  }

  /// @param attempt the last one; 0 for none
  /// @param questions of the first one
  private record Standing(int attempt, long questions) {}

  private static Standing read(Path folder) throws IOException {
    try {
      List<String> words = List.of(Files.readString(folder.resolve(FILE)).strip().split(" ", -1));
      return new Standing(Integer.parseInt(words.get(0)), Long.parseLong(words.get(1)));
    } catch (NoSuchFileException _) {
      return new Standing(0, 0);
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      throw new FlowException(
          ErrorCode.DATA_LOSS,
          "%s (expected: two numbers; remove it to begin anew)".formatted(folder.resolve(FILE)),
          e);
    }
  }
}

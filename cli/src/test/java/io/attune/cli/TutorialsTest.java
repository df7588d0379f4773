package io.attune.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.models.process.ChildJvm;
import io.attune.trainer.run.RunConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Runs every command of the tutorials as it stands there, one after another, with its own store
/// and runs, on the first rows of the data that it writes.
class TutorialsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path TUTORIALS = ROOT.resolve("docs/tutorials");
  private static final Pattern COMMAND = Pattern.compile("(?m)^ {4}\\./attune ((?:.*\\\\\n)*.*)$");
  private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");
  private static final int SAMPLE_LINES = 17; // a header and 16 rows

  private static @Nullable String childOptions;

  @TempDir private Path folder;

  /// The models have the size that people train, so that their code is worth optimising.
  @BeforeAll
  static void compileAll() {
    childOptions = System.clearProperty(ChildJvm.OPTIONS);
  }

  @AfterAll
  static void compileLess() {
    if (childOptions != null) {
      System.setProperty(ChildJvm.OPTIONS, childOptions);
    }
  }

  static List<Path> tutorials() throws IOException {
    try (Stream<Path> pages = Files.list(TUTORIALS)) {
      return pages.filter(page -> page.toString().endsWith(".md")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("tutorials")
  void everyCommandWorks(Path page) throws IOException {
    List<List<String>> commands = commands(page);
    assertThat(commands).hasSizeGreaterThan(5);
    for (List<String> command : commands) {
      Run run = Run.of(arguments(command));
      assertThat(run.code()).as("%s: %s", command, run.err()).isEqualTo(ExitCode.OK);
      sample();
    }
  }

  @Test
  void configurationsAreUnderstood() throws IOException {
    int configurations = 0;
    for (Path page : tutorials()) {
      Matcher blocks = Pattern.compile("(?s)```yaml\n(.*?)```").matcher(Files.readString(page));
      while (blocks.find()) {
        Path file = Files.writeString(folder.resolve("run.yml"), blocks.group(1));
        assertThat(RunConfig.read(file).epochs()).isPositive();
        configurations++;
      }
    }
    assertThat(configurations).isEqualTo(1);
  }

  @Test
  void theReadmeLinksEach() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    for (Path page : tutorials()) {
      assertThat(readme).contains("docs/tutorials/" + page.getFileName());
    }
  }

  private static List<List<String>> commands(Path page) throws IOException {
    List<List<String>> commands = new ArrayList<>();
    Matcher matcher = COMMAND.matcher(Files.readString(page));
    while (matcher.find()) {
      List<String> words = new ArrayList<>();
      Matcher word = WORD.matcher(matcher.group(1).replace("\\\n", " "));
      while (word.find()) {
        words.add(
            Stream.of(word.group(1), word.group(2), word.group(3))
                .filter(group -> group != null)
                .findFirst()
                .orElseThrow());
      }
      commands.add(words);
    }
    return commands;
  }

  /// The command with its files in the test's folder, and with its own store and runs.
  private String[] arguments(List<String> command) {
    List<String> arguments = new ArrayList<>();
    for (String word : command) {
      arguments.add(
          word.startsWith(".attune/")
              ? folder + word.substring(".attune".length())
              : word.startsWith("executors/") ? ROOT.resolve(word).toString() : word);
    }
    String name = command.getFirst();
    if (Set.of("fit", "models", "encode").contains(name)) {
      arguments.add("--store=" + folder.resolve("models"));
    }
    if (Set.of("fit", "runs").contains(name)) {
      arguments.add("--runs=" + folder.resolve("runs"));
    }
    return arguments.toArray(String[]::new);
  }

  private void sample() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder, 2)) {
      files = all.filter(file -> file.toString().matches(".*\\.(csv|jsonl)")).toList();
    }
    for (Path file : files) {
      List<String> lines = Files.readAllLines(file);
      Files.write(file, lines.subList(0, Math.min(SAMPLE_LINES, lines.size())));
    }
  }
}

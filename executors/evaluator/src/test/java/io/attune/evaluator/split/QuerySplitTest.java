package io.attune.evaluator.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.evaluator.split.QuerySplit.Side;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuerySplitTest {
  private static final int RECORD = 1 + 32 + 4 * 64 + 4;

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("feedback").resolve("split");
  }

  private QuerySplit open() throws IOException {
    return QuerySplit.open(file(), .3);
  }

  private static String words(Random random, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(Long.toString(random.nextLong() >>> 30, 36)).append(' ');
    }
    return text.toString();
  }

  @Test
  void aShareOfTheQueriesJudges() throws IOException {
    Random random = new Random(1);
    int gate = 0;
    try (QuerySplit split = open()) {
      for (int i = 0; i < 1000; i++) {
        gate += split.side(words(random, 6)) == Side.GATE ? 1 : 0;
      }
      assertThat(split.size()).isEqualTo(1000);
    }
    assertThat(gate).isBetween(242, 358); // four standard deviations about 300
  }

  @Test
  void sidesCanBeReadWhileMoreAreGiven() throws IOException {
    assertThat(KnownSides.read(file()).side("how do I reset my password")).isEmpty();
    try (QuerySplit split = open()) {
      Side side = split.side("How do I reset my password?");

      assertThat(KnownSides.read(file()).side("how do I reset my password")).contains(side);
      assertThat(KnownSides.read(file()).side("where is my order")).isEmpty();
    }
    Files.write(
        file(), new byte[RECORD / 2], StandardOpenOption.APPEND); // a crash, or half a write
    assertThat(KnownSides.read(file()).side("how do I reset my password")).isPresent();
  }

  @Test
  void aQueryStaysWhereItIs() throws IOException {
    Random random = new Random(2);
    Map<String, Side> sides = new HashMap<>();
    try (QuerySplit split = open()) {
      for (int i = 0; i < 100; i++) {
        String text = words(random, 5);
        sides.put(text, split.side(text));
      }
    }
    assertThat(sides).containsValues(Side.TRAIN, Side.GATE);
    try (QuerySplit split = QuerySplit.open(file(), .9)) { // the share is of new ones
      for (Map.Entry<String, Side> each : sides.entrySet()) {
        assertThat(split.side(each.getKey())).isEqualTo(each.getValue());
      }
      assertThat(split.size()).isEqualTo(100);
    }
  }

  @Test
  void whatIsWrittenOtherwiseIsTheSameQuery() throws IOException {
    try (QuerySplit split = open()) {
      for (int i = 0; i < 50; i++) {
        Side side = split.side("How do I add the bike No. " + i + "?");
        assertThat(split.side("  how do i ADD the bike — no " + i)).isEqualTo(side);
        assertThat(split.side("How do I add the ｂｉｋｅ No. " + i + "!!")).isEqualTo(side);
      }
      assertThat(split.size()).isEqualTo(50);
    }
  }

  /// Brute force over the sets of three-character sequences: no pair of a trained and a judging
  /// query is alike.
  @Test
  void queriesNearlyAlikeAreTogether() throws IOException {
    Random random = new Random(3);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String text = words(random, 8);
      texts.add(text);
      for (int variant = 0; variant < 4; variant++) {
        int place = random.nextInt(text.length());
        texts.add(text.substring(0, place) + "x" + text.substring(place + 1));
      }
    }
    Map<String, Side> sides = new HashMap<>();
    try (QuerySplit split = open()) {
      for (String text : texts) {
        sides.put(text, split.side(text));
      }
    }
    int alike = 0;
    for (String a : texts) {
      for (String b : texts) {
        if (!a.equals(b) && jaccard(a, b) >= .85) {
          alike++;
          assertThat(
                  sides.get(a) == sides.get(b)
                      || sides.get(a) == Side.NEITHER
                      || sides.get(b) == Side.NEITHER)
              .as("%s (%s) and %s (%s)", a, sides.get(a), b, sides.get(b))
              .isTrue();
        }
      }
    }
    assertThat(alike).isGreaterThan(400);
    assertThat(sides).containsValues(Side.TRAIN, Side.GATE);
  }

  private static double jaccard(String a, String b) {
    Set<String> left = shingles(a);
    Set<String> right = shingles(b);
    Set<String> both = new HashSet<>(left);
    both.retainAll(right);
    return (double) both.size() / (left.size() + right.size() - both.size());
  }

  private static Set<String> shingles(String text) {
    String padded = " " + text.strip() + " ";
    Set<String> shingles = new HashSet<>();
    for (int i = 0; i + 3 <= padded.length(); i++) {
      shingles.add(padded.substring(i, i + 3));
    }
    return shingles;
  }

  @Test
  void whatIsLikeBothSidesIsUsedForNeither() throws IOException {
    Random random = new Random(4);
    int neither = 0;
    try (QuerySplit split = open()) {
      for (int i = 0; i < 100; i++) {
        String middle = words(random, 14);
        String begin = words(random, 3);
        String end = words(random, 3);
        Side one = split.side(words(random, 3) + middle + end);
        Side other = split.side(begin + middle + words(random, 3));
        Side both = split.side(begin + middle + end);
        if (both == Side.NEITHER) {
          neither++;
          assertThat(Set.of(one, other)).containsExactlyInAnyOrder(Side.TRAIN, Side.GATE);
        }
      }
    }
    assertThat(neither).isGreaterThan(5);
  }

  @Test
  void aTornEndIsCutOff() throws IOException {
    Random random = new Random(5);
    String first = words(random, 5);
    String second = words(random, 5);
    Side side;
    try (QuerySplit split = open()) {
      side = split.side(first);
      split.side(second);
    }
    byte[] whole = Files.readAllBytes(file());
    assertThat(whole).hasSize(2 * RECORD);
    for (int length = RECORD; length < whole.length; length += 41) {
      Files.write(file(), Arrays.copyOf(whole, length));
      try (QuerySplit split = open()) {
        assertThat(split.size()).isEqualTo(1);
        assertThat(split.side(first)).isEqualTo(side);
        split.side(second);
      }
      assertThat(Files.readAllBytes(file())).isEqualTo(whole);
    }
  }

  @Test
  void damageBeforeTheEndIsRefused() throws IOException {
    Random random = new Random(6);
    try (QuerySplit split = open()) {
      split.side(words(random, 5));
      split.side(words(random, 5));
    }
    byte[] whole = Files.readAllBytes(file());
    for (int place = 0; place < RECORD; place += 13) {
      byte[] damaged = whole.clone();
      damaged[place] ^= 4;
      Files.write(file(), damaged);
      assertThatThrownBy(this::open)
          .isInstanceOfSatisfying(
              FlowException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DATA_LOSS))
          .hasMessageContaining("is damaged at byte 0");
    }
    assertThat(Files.readAllBytes(file())).as("untouched by a refusal").hasSize(2 * RECORD);
  }

  @Test
  void oneProcessToAFile() throws IOException {
    try (QuerySplit split = open()) {
      split.side("a query");
      assertThatThrownBy(this::open)
          .isInstanceOf(FlowException.class)
          .hasMessageContaining("is open elsewhere");
    }
    open().close();
    assertThatThrownBy(() -> QuerySplit.open(file(), 1)).hasMessageContaining("gateShare: 1.0");
  }

  @Test
  void emptyAndShortTextsHaveASide() throws IOException {
    try (QuerySplit split = open()) {
      for (String text : List.of("", "?", "a", "ab", "日本", "\u0000", "x".repeat(100_000))) {
        assertThat(split.side(text)).isEqualTo(split.side(text));
      }
    }
  }
}

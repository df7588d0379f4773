package io.attune.trainer.data.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.Document;
import io.attune.trainer.data.Batch;
import io.attune.trainer.data.DataForm;
import io.attune.trainer.data.DataOptions;
import io.attune.trainer.data.Dataset;
import io.attune.trainer.data.SplitMix;
import io.attune.trainer.data.Supervision.Labels;
import io.attune.trainer.data.Supervision.Scores;
import io.attune.trainer.data.Supervision.Sessions;
import io.attune.trainer.data.TrainingData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerTest {
  @TempDir private Path folder;

  private TrainingData read(String csv, DataOptions options) throws IOException {
    return TrainingData.read(Files.writeString(folder.resolve("train.csv"), csv), options);
  }

  private TrainingData classes(String csv) throws IOException {
    return read(csv, DataOptions.DEFAULTS.withLabeled(true));
  }

  /// Classes of 1 to 9 items, with texts that come twice in a class and in two classes.
  private static String randomClasses(long seed, int classes) {
    SplitMix random = new SplitMix(seed);
    StringBuilder csv = new StringBuilder();
    for (int label = 0; label < classes; label++) {
      int size = 1 + random.nextInt(9);
      for (int i = 0; i < size; i++) {
        String text =
            random.nextInt(20) == 0 ? "shared " + random.nextInt(10) : "text " + label + " " + i;
        csv.append(text).append(',').append(label).append('\n');
        if (random.nextInt(10) == 0) {
          csv.append(text.toUpperCase(Locale.ROOT)).append(',').append(label).append('\n');
        }
      }
    }
    return csv.toString();
  }

  private static List<Integer> items(Epoch epoch) {
    List<Integer> items = new ArrayList<>();
    epoch.forEach(batch -> Arrays.stream(batch.items()).forEach(items::add));
    return items;
  }

  @ParameterizedTest
  @CsvSource({"1,4,0", "2,16,0", "3,32,3", "4,64,4", "5,128,2", "6,33,5"})
  void everyItemOfAClassHasAPositiveAndNoKnownDuplicateIsANegative(
      long seed, int batchSize, int perClass) throws IOException {
    try (TrainingData data = classes(randomClasses(seed, 120))) {
      Sampler sampler = Sampler.of(data, new SamplerOptions(batchSize, perClass, seed));
      int[] labels = ((Dataset.Classes) data.dataset()).labels();
      Map<Integer, Set<Integer>> labelsOfContent = new HashMap<>();
      for (int item = 0; item < labels.length; item++) {
        labelsOfContent.computeIfAbsent(data.content(item), _ -> new HashSet<>()).add(labels[item]);
      }
      Set<Integer> seen = new HashSet<>();
      for (Batch batch : sampler.epoch(3)) {
        assertThat(batch.size()).isBetween(2, batchSize);
        int[] batchLabels = ((Labels) batch.supervision()).labels();
        Map<Integer, Integer> counts = new HashMap<>();
        Set<Integer> contents = new HashSet<>();
        for (int row = 0; row < batch.size(); row++) {
          int item = batch.items()[row];
          seen.add(item);
          assertThat(batchLabels[row]).isEqualTo(labels[item]);
          assertThat(batch.documents().get(row).text()).isEqualTo(data.document(item).text());
          assertThat(contents.add(data.content(item))).as("one text, once").isTrue();
          counts.merge(batchLabels[row], 1, Integer::sum);
        }
        assertThat(counts.values()).allMatch(count -> count >= 2);
        if (perClass > 0) {
          assertThat(counts.values()).allMatch(count -> count <= perClass);
        }
        for (int row = 0; row < batch.size(); row++) {
          Set<Integer> known = new HashSet<>(labelsOfContent.get(data.content(batch.items()[row])));
          known.retainAll(counts.keySet());
          assertThat(known).as("labels of one text in one batch").hasSize(1);
        }
      }
      assertThat(seen).as("every item that can be, is in the epoch").hasSize(usable(data, labels));
    }
  }

  /// How many different (label, content) there are in labels with two contents or more.
  private static int usable(TrainingData data, int[] labels) {
    Map<Integer, Set<Integer>> contents = new HashMap<>();
    for (int item = 0; item < labels.length; item++) {
      contents.computeIfAbsent(labels[item], _ -> new HashSet<>()).add(data.content(item));
    }
    return contents.values().stream().mapToInt(Set::size).filter(size -> size >= 2).sum();
  }

  @Test
  void theOrderDependsOnSeedAndEpochAlone() throws IOException {
    try (TrainingData data = classes(randomClasses(9, 200))) {
      Sampler sampler = Sampler.of(data, SamplerOptions.of(32).withSeed(5));
      Sampler again = Sampler.of(data, SamplerOptions.of(32).withSeed(5));
      List<Integer> third = items(sampler.epoch(3));
      assertThat(items(again.epoch(3))).isEqualTo(third);
      assertThat(items(sampler.epoch(4))).isNotEqualTo(third);
      assertThat(items(Sampler.of(data, SamplerOptions.of(32).withSeed(6)).epoch(3)))
          .isNotEqualTo(third);
      // one batch in the middle, without those before it
      assertThat(again.epoch(3).batch(7).items()).isEqualTo(sampler.epoch(3).batch(7).items());
      List<Integer> rest = new ArrayList<>();
      again
          .epoch(3)
          .from(7)
          .forEachRemaining(batch -> Arrays.stream(batch.items()).forEach(rest::add));
      assertThat(third.subList(third.size() - rest.size(), third.size())).isEqualTo(rest);
    }
  }

  /// Pinned, so that a checkpoint of one build resumes in another.
  @Test
  void theOrderStaysWhatItWas() throws IOException {
    try (TrainingData data = classes("a,1\nb,1\nc,2\nd,2\ne,3\nf,3\ng,3\n")) {
      Epoch epoch = Sampler.of(data, SamplerOptions.of(4).withSeed(1)).epoch(0);
      List<List<Integer>> batches = new ArrayList<>();
      epoch.forEach(batch -> batches.add(Arrays.stream(batch.items()).boxed().toList()));
      assertThat(batches).isEqualTo(PINNED);
    }
  }

  private static final List<List<Integer>> PINNED =
      List.of(List.of(4, 6, 0, 1), List.of(6, 5, 3, 2));

  @ParameterizedTest
  @ValueSource(ints = {8, 20, 64, 100})
  void everyEpochHasAsManyBatchesOfNearlyOneSize(int batchSize) throws IOException {
    try (TrainingData data = classes(randomClasses(11, 300))) {
      Sampler sampler = Sampler.of(data, new SamplerOptions(batchSize, 4, 0));
      for (int number = 0; number < 5; number++) {
        Epoch epoch = sampler.epoch(number);
        assertThat(epoch.size()).isEqualTo(sampler.batchesPerEpoch());
        List<Integer> sizes = new ArrayList<>();
        epoch.forEach(batch -> sizes.add(batch.size()));
        assertThat(sizes.stream().mapToInt(size -> size).max().orElseThrow())
            .isLessThanOrEqualTo(batchSize);
        assertThat(sizes.stream().mapToInt(size -> size).min().orElseThrow())
            .isGreaterThanOrEqualTo(sizes.stream().mapToInt(size -> size).max().orElseThrow() - 4);
      }
    }
  }

  @Test
  void aFewLargeClassesFillTheBatch() throws IOException {
    StringBuilder csv = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      csv.append("text ").append(i).append(',').append(i % 10).append('\n');
    }
    try (TrainingData data = classes(csv.toString())) {
      Sampler sampler = Sampler.of(data, SamplerOptions.of(128));
      assertThat(sampler.batchesPerEpoch()).isEqualTo(9); // groups of 12 of each of 10 classes
      for (Batch batch : sampler.epoch(0)) {
        assertThat(Arrays.stream(((Labels) batch.supervision()).labels()).distinct().count())
            .isEqualTo(10);
      }
    }
  }

  @Test
  void aClassLargerThanAllOthersNeverFillsABatchAlone() throws IOException {
    StringBuilder csv = new StringBuilder("a,x\nb,x\nc,y\nd,y\n");
    for (int i = 0; i < 500; i++) {
      csv.append("text ").append(i).append(",z\n");
    }
    try (TrainingData data = classes(csv.toString())) {
      Sampler sampler = Sampler.of(data, SamplerOptions.of(4).withItemsPerClass(2));
      assertThat(sampler.batchesPerEpoch()).isEqualTo(2);
      Set<Integer> seen = new HashSet<>();
      for (int number = 0; number < 20; number++) {
        for (Batch batch : sampler.epoch(number)) {
          assertThat(Arrays.stream(((Labels) batch.supervision()).labels()).distinct().count())
              .isEqualTo(2);
          Arrays.stream(batch.items()).forEach(seen::add);
        }
      }
      assertThat(seen).as("others in other epochs").hasSizeGreaterThan(60);
    }
  }

  @Test
  void whatMustNotMeetTakesTurns() throws IOException {
    StringBuilder csv = new StringBuilder("anchor,positive\n");
    for (int i = 0; i < 100; i++) {
      csv.append("question ").append(i).append(i < 90 ? ",yes\n" : ",no\n");
    }
    try (TrainingData data = read(csv.toString(), DataOptions.DEFAULTS)) {
      Sampler sampler = Sampler.of(data, SamplerOptions.of(4));
      assertThat(sampler.notes())
          .singleElement()
          .asString()
          .startsWith("each epoch has 20 of 100 sessions, drawn anew");
      Set<Integer> seen = new HashSet<>();
      for (int number = 0; number < 200; number++) {
        for (Batch batch : sampler.epoch(number)) {
          assertThat(batch.documents().stream().map(Document::text)).contains("yes", "no");
          Arrays.stream(batch.items()).forEach(seen::add);
        }
      }
      assertThat(seen).as("all of them in some epoch").hasSize(data.size());
    }
  }

  @Test
  void relatedClassesTakeTurns() throws IOException {
    StringBuilder csv = new StringBuilder("in both,a\nin both,b\n");
    for (int i = 0; i < 100; i++) {
      csv.append("a ").append(i).append(",a\nb ").append(i).append(",b\n");
    }
    for (int i = 0; i < 50; i++) {
      csv.append("c ").append(i).append(",c\n");
    }
    try (TrainingData data = classes(csv.toString())) {
      Sampler sampler = Sampler.of(data, SamplerOptions.of(64));
      assertThat(sampler.notes()).singleElement().asString().contains("groups of a class");
      Set<String> seen = new HashSet<>();
      for (int number = 0; number < 20; number++) {
        for (Batch batch : sampler.epoch(number)) {
          assertThat(batch.size()).isLessThanOrEqualTo(64);
          batch.documents().forEach(document -> seen.add(document.text().substring(0, 2)));
        }
      }
      assertThat(seen).contains("a ", "b ", "c ");
    }
  }

  @Test
  void sessionsOfHalfABatchAndMoreAreCountedAtOnce() throws IOException {
    StringBuilder csv = new StringBuilder("anchor,positive\n");
    for (int i = 0; i < 3000; i++) {
      for (int k = 0; k < 4; k++) {
        csv.append("q").append(i).append(",a").append(i).append('-').append(k).append('\n');
      }
    }
    try (TrainingData data = read(csv.toString(), DataOptions.DEFAULTS)) {
      assertThat(Sampler.of(data, SamplerOptions.of(8)).batchesPerEpoch()).isEqualTo(3000);
      assertThat(Sampler.of(data, SamplerOptions.of(14)).batchesPerEpoch()).isEqualTo(1500);
      assertThat(Sampler.of(data, SamplerOptions.of(15)).batchesPerEpoch()).isEqualTo(1000);
    }
  }

  /// Sessions whose negatives are other sessions' positives, as in Covid QA.
  private static String randomTriplets(long seed, int rows) {
    SplitMix random = new SplitMix(seed);
    StringBuilder csv = new StringBuilder();
    for (int i = 0; i < rows; i++) {
      csv.append("question ").append(i).append(',');
      csv.append("answer ").append(random.nextInt(10) == 0 ? random.nextInt(rows) : i).append(',');
      csv.append("answer ").append(random.nextInt(rows)).append('\n');
      if (random.nextInt(4) == 0) {
        csv.append("Question ").append(i).append(",more ").append(i).append(",wrong\n");
      }
    }
    return csv.toString();
  }

  @ParameterizedTest
  @CsvSource({"1,12", "2,32", "3,100", "4,256"})
  void eachAnchorHasAPositiveAndNoNegativeIsAnothersPositive(long seed, int batchSize)
      throws IOException {
    try (TrainingData data = read(randomTriplets(seed, 400), DataOptions.DEFAULTS)) {
      assertThat(data.report().form()).isEqualTo(DataForm.TRIPLETS);
      Sampler sampler = Sampler.of(data, SamplerOptions.of(batchSize).withSeed(seed));
      int all = 0;
      Set<Integer> anchors = new HashSet<>();
      for (Batch batch : sampler.epoch(1)) {
        Sessions sessions = (Sessions) batch.supervision();
        assertThat(batch.size()).isBetween(2, batchSize);
        all += batch.size();
        Map<Integer, Integer> sessionOfContent = new HashMap<>();
        Map<Integer, Integer> positives = new HashMap<>();
        Map<Integer, Integer> roots = new HashMap<>();
        for (int row = 0; row < batch.size(); row++) {
          int session = sessions.sessions()[row];
          if (sessions.roles()[row] != Sessions.NEGATIVE) {
            int content = data.content(batch.items()[row]);
            assertThat(sessionOfContent.put(content, session)).as("one session of a text").isNull();
          }
          if (sessions.roles()[row] == Sessions.ANCHOR) {
            anchors.add(batch.items()[row]);
            roots.merge(session, 1, Integer::sum);
          } else if (sessions.roles()[row] == Sessions.POSITIVE) {
            positives.merge(session, 1, Integer::sum);
          }
        }
        assertThat(roots.values()).allMatch(count -> count == 1);
        assertThat(positives.keySet()).isEqualTo(roots.keySet());
        for (int row = 0; row < batch.size(); row++) {
          if (sessions.roles()[row] == Sessions.NEGATIVE) {
            Integer other = sessionOfContent.get(data.content(batch.items()[row]));
            assertThat(other).as("a negative is nobody's positive").isNull();
          }
        }
      }
      Dataset.Sessions dataset = (Dataset.Sessions) data.dataset();
      assertThat(anchors).hasSize(dataset.count());
      assertThat(all).as("few negatives lost").isGreaterThan(dataset.items().length * 95 / 100);
    }
  }

  @Test
  void aSessionLargerThanABatchKeepsItsAnchorAPositiveAndANegative() throws IOException {
    StringBuilder csv = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      csv.append("q,p").append(i).append(",n").append(i).append('\n');
    }
    try (TrainingData data = read(csv.toString(), DataOptions.DEFAULTS)) {
      Sampler sampler = Sampler.of(data, SamplerOptions.of(5));
      assertThat(sampler.batchesPerEpoch()).isEqualTo(1);
      Set<Integer> seen = new HashSet<>();
      for (int number = 0; number < 200; number++) {
        Batch batch = sampler.epoch(number).batch(0);
        byte[] roles = ((Sessions) batch.supervision()).roles();
        assertThat(roles).hasSize(5).startsWith(Sessions.ANCHOR, Sessions.POSITIVE);
        assertThat(roles).endsWith(Sessions.NEGATIVE);
        assertThat(sampler.epoch(number).batch(0).items()).isEqualTo(batch.items());
        assertThat(Arrays.stream(batch.items()).distinct().count()).isEqualTo(5);
        Arrays.stream(batch.items()).forEach(seen::add);
      }
      assertThat(seen).as("others in other epochs").hasSize(41);
    }
  }

  @Test
  void scoredPairsShareTheTextsOfABatch() throws IOException {
    StringBuilder csv = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      csv.append("hub,text ").append(i).append(',').append(i / 50.0).append('\n');
    }
    try (TrainingData data = read(csv.toString(), DataOptions.DEFAULTS)) {
      Sampler sampler = Sampler.of(data, SamplerOptions.of(16));
      assertThat(sampler.batchesPerEpoch()).isEqualTo(7);
      int pairs = 0;
      for (Batch batch : sampler.epoch(0)) {
        Scores scores = (Scores) batch.supervision();
        pairs += scores.scores().length;
        assertThat(batch.size()).isEqualTo(scores.scores().length + 1);
        for (int i = 0; i < scores.scores().length; i++) {
          assertThat(batch.documents().get(scores.left()[i]).text()).isEqualTo("hub");
          String right = batch.documents().get(scores.right()[i]).text();
          assertThat(scores.scores()[i])
              .isEqualTo((float) (Integer.parseInt(right.substring(5)) / 50.0));
        }
      }
      assertThat(pairs).isEqualTo(50);
    }
  }

  @Test
  void permutedBatchesSayTheSame() throws IOException {
    try (TrainingData data = read("a,b,0.5\nb,c,1\n", DataOptions.DEFAULTS)) {
      Batch batch = Sampler.of(data, SamplerOptions.of(8)).epoch(0).batch(0);
      Batch other = batch.permuted(new int[] {2, 0, 1});
      for (Batch each : List.of(batch, other)) {
        Scores scores = (Scores) each.supervision();
        int half = scores.scores()[0] == 0.5f ? 0 : 1;
        assertThat(each.documents().get(scores.left()[half]).text()).isEqualTo("a");
        assertThat(each.documents().get(scores.right()[half]).text()).isEqualTo("b");
        assertThat(each.documents().get(scores.right()[1 - half]).text()).isEqualTo("c");
      }
      assertThat(other.documents().getFirst().text()).isEqualTo(batch.documents().get(2).text());
    }
  }

  @Test
  void impossibleOptionsAndDataAreRefused() throws IOException {
    assertThatThrownBy(() -> SamplerOptions.of(1))
        .hasMessage("batch_size: 1 (expected: 2 or more)");
    assertThatThrownBy(() -> SamplerOptions.of(8).withItemsPerClass(9))
        .hasMessage(
            "num_items_per_class: 9 (expected: 2..8, the batch size; or 0 for the default)");
    try (TrainingData data = classes("a,1\nb,2\n")) {
      assertThatThrownBy(() -> Sampler.of(data, SamplerOptions.of(8)))
          .hasMessageStartingWith("training data: no class of two texts or more");
    }
    try (TrainingData data = read("a,b,c\n", DataOptions.DEFAULTS)) {
      assertThatThrownBy(() -> Sampler.of(data, SamplerOptions.of(8).withItemsPerClass(2)))
          .hasMessage("num_items_per_class: 2 for sessions (expected: none, they have no classes)");
    }
  }
}

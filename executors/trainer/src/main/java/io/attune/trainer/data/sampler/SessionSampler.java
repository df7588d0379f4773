package io.attune.trainer.data.sampler;

import static io.attune.trainer.data.Supervision.Sessions.NEGATIVE;

import io.attune.document.Document;
import io.attune.runtime.FlowException;
import io.attune.trainer.data.Batch;
import io.attune.trainer.data.Dataset;
import io.attune.trainer.data.SplitMix;
import io.attune.trainer.data.Supervision;
import io.attune.trainer.data.TrainingData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Batches of sessions; see [Sampler].
final class SessionSampler implements Sampler {
  private final TrainingData data;
  private final Dataset.Sessions sessions;
  private final Relations relations;
  private final Dealer dealer;
  private final SamplerOptions options;

  private SessionSampler(
      TrainingData data,
      Dataset.Sessions sessions,
      Relations relations,
      Dealer dealer,
      SamplerOptions options) {
    this.data = data;
    this.sessions = sessions;
    this.relations = relations;
    this.dealer = dealer;
    this.options = options;
  }

  static SessionSampler of(TrainingData data, Dataset.Sessions sessions, SamplerOptions options) {
    if (options.itemsPerClass() != 0) {
      throw FlowException.invalid(
          "num_items_per_class: %d for sessions (expected: none, they have no classes)"
              .formatted(options.itemsPerClass()));
    }
    if (sessions.count() == 0) {
      throw FlowException.invalid(
          "training data: no anchor with a positive (expected: one or more)");
    }
    Relations relations = Relations.of(data, sessions);
    Map<Integer, List<Integer>> related = new HashMap<>();
    for (int session = 0; session < sessions.count(); session++) {
      related.computeIfAbsent(relations.of(session), _ -> new ArrayList<>()).add(session);
    }
    List<Dealer.Hand> hands = new ArrayList<>(related.size());
    for (List<Integer> hand : related.values()) {
      hand.sort((a, b) -> Integer.compare(size(sessions, options, b), size(sessions, options, a)));
      hands.add(
          new Dealer.Hand(
              hand.stream().mapToInt(session -> session).toArray(),
              hand.stream().mapToInt(session -> size(sessions, options, session)).toArray()));
    }
    Dealer dealer = Dealer.of(hands, options.batchSize());
    return new SessionSampler(data, sessions, relations, dealer, options);
  }

  private static int size(Dataset.Sessions sessions, SamplerOptions options, int session) {
    return Math.min(
        options.batchSize(), sessions.starts()[session + 1] - sessions.starts()[session]);
  }

  @Override
  public int batchesPerEpoch() {
    return dealer.batches();
  }

  @Override
  public List<String> notes() {
    return dealer.notes("sessions");
  }

  @Override
  public Epoch epoch(int number) {
    SplitMix random = SplitMix.of(options.seed(), number);
    int[][] batches = dealer.deal(random);
    new Swaps(relations, session -> size(sessions, options, session)).apply(batches, random);
    long cut = random.nextLong();
    return new Epoch(number, batches.length, step -> batch(batches[step], SplitMix.of(cut, step)));
  }

  private Batch batch(int[] chosen, SplitMix random) {
    List<Document> documents = new ArrayList<>();
    int[] items = new int[options.batchSize()];
    int[] numbers = new int[options.batchSize()];
    byte[] roles = new byte[options.batchSize()];
    for (int i = 0; i < chosen.length; i++) {
      for (int entry : entries(chosen[i], random)) {
        byte role = sessions.roles()[entry];
        int item = sessions.items()[entry];
        if (role == NEGATIVE && relations.isForeign(item, chosen, i)) {
          continue;
        }
        int row = documents.size();
        items[row] = item;
        numbers[row] = i;
        roles[row] = role;
        documents.add(data.document(item));
      }
    }
    int size = documents.size();
    return new Batch(
        documents,
        Arrays.copyOf(items, size),
        new Supervision.Sessions(Arrays.copyOf(numbers, size), Arrays.copyOf(roles, size)));
  }

  /// The entries of a session, of one that is too large a random choice: entries are the anchor,
  /// then positives, then negatives.
  private int[] entries(int session, SplitMix random) {
    int from = sessions.starts()[session];
    int to = sessions.starts()[session + 1];
    int[] entries = new int[to - from];
    Arrays.setAll(entries, i -> from + i);
    int most = size(sessions, options, session);
    if (entries.length == most) {
      return entries;
    }
    int negatives = from;
    while (negatives < to && sessions.roles()[negatives] != NEGATIVE) {
      negatives++;
    }
    random.shuffle(entries, 1, negatives - from);
    random.shuffle(entries, negatives - from, entries.length);
    if (negatives < to && most > 2) {
      int kept = entries[negatives - from];
      System.arraycopy(entries, 2, entries, 3, negatives - from - 2);
      entries[2] = kept;
    }
    random.shuffle(entries, most > 2 && negatives < to ? 3 : 2, entries.length);
    int[] chosen = Arrays.copyOf(entries, most);
    Arrays.sort(chosen);
    return chosen;
  }
}

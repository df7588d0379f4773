package io.attune.indexer.log;

import io.attune.proto.docarray.DocumentProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// What a shard should hold after each record, and a source of random operations.
final class ShardModel {
  private static final int IDS = 12;

  private final Random random;

  /// The state after the record of each sequence; the first is the empty one.
  private final List<Map<String, DocumentProto>> states = new ArrayList<>(List.of(Map.of()));

  ShardModel(Random random) {
    this.random = random;
  }

  /// Between 1 and 5 puts, deletes and clears.
  List<LogOperation> nextOperations() {
    List<LogOperation> operations = new ArrayList<>();
    int count = 1 + random.nextInt(5);
    for (int i = 0; i < count; i++) {
      String id = "id" + random.nextInt(IDS);
      int choice = random.nextInt(20);
      if (choice == 0) {
        operations.add(LogOperation.clear());
      } else if (choice < 6) {
        operations.add(LogOperation.delete(id));
      } else {
        String text = "x".repeat(random.nextInt(200)) + random.nextInt();
        operations.add(
            LogOperation.put(DocumentProto.newBuilder().setId(id).setText(text).build()));
      }
    }
    return operations;
  }

  /// Takes operations as appended.
  void append(List<LogOperation> operations) {
    for (LogOperation operation : operations) {
      Map<String, DocumentProto> next = new HashMap<>(states.getLast());
      apply(next, operation.id(), operation.document());
      states.add(next);
    }
  }

  /// Forgets what was appended behind a sequence.
  void forgetAfter(long sequence) {
    states.subList((int) sequence + 1, states.size()).clear();
  }

  long lastSequence() {
    return states.size() - 1L;
  }

  /// The state after a sequence.
  Map<String, DocumentProto> after(long sequence) {
    return states.get((int) sequence);
  }

  static void apply(Map<String, DocumentProto> state, String id, @Nullable DocumentProto document) {
    if (id.isEmpty()) {
      state.clear();
    } else if (document == null) {
      state.remove(id);
    } else {
      state.put(id, document);
    }
  }
}

package io.attune.indexer.durability;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.runtime.channel.ExecutorChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kills the process of an indexer at random moments, again and again on one folder: while it
/// writes, commits, lets go of log, starts, makes and removes generations. Whatever was
/// acknowledged is there after the next start, whatever was deleted is not.
///
/// `-Dattune.kill.rounds=N` (default 3; `.ci/run` does 25) and `-Dattune.seed=N` rerun and extend
/// it.
final class KillTest {
  private static final int ROUNDS = Integer.getInteger("attune.kill.rounds", 3);
  private static final List<String> COMMIT_INTERVALS = List.of("10", "10", "40", "3600000");
  private static final int MOST_ANSWERS = 80;

  @TempDir Path folder;

  private final long seed = Long.getLong("attune.seed", new Random().nextLong());
  private final Random random = new Random(seed);
  private final Expectation expectation = new Expectation();
  private final Writers writers = new Writers(expectation);

  private IndexerProcess start(int number) throws IOException {
    return IndexerProcess.start(
        folder.resolve("scratch" + number),
        folder.resolve("complaints"),
        "commit_interval_ms",
        COMMIT_INTERVALS.get(random.nextInt(COMMIT_INTERVALS.size())),
        "log_segment_bytes",
        "8192");
  }

  @Test
  void losesNothingAndResurrectsNothing() throws Exception {
    IndexerProcess next = start(0);
    try {
      for (int round = 1; round <= ROUNDS; round++) {
        try (IndexerProcess process = next) {
          next = start(round);
          live(process, "seed %d, round %d".formatted(seed, round));
        }
      }
      next.open(folder.resolve("index"));
      try (ExecutorChannel channel = next.channel()) {
        verify(new Client(channel), "seed %d, at the end".formatted(seed));
      }
    } catch (IOException e) {
      throw new AssertionError(Files.readString(folder.resolve("complaints")), e);
    } finally {
      next.close();
    }
  }

  private void live(IndexerProcess process, String where) throws Exception {
    process.open(folder.resolve("index"));
    if (random.nextInt(5) == 0) {
      LockSupport.parkNanos(random.nextLong(TimeUnit.MILLISECONDS.toNanos(100)));
      process.kill();
      return;
    }
    try (ExecutorChannel channel = process.channel()) {
      Client client = new Client(channel);
      verify(client, where);
      writers.runUntil(client, random, () -> end(process, where));
    }
  }

  private boolean end(IndexerProcess process, String where) throws InterruptedException {
    int answers = random.nextInt(MOST_ANSWERS);
    assertThat(writers.answers().tryAcquire(answers, 1, TimeUnit.MINUTES)).as(where).isTrue();
    LockSupport.parkNanos(random.nextLong(TimeUnit.MILLISECONDS.toNanos(3)));
    writers.mayFail();
    if (random.nextInt(8) == 0) {
      process.stop();
    } else {
      process.kill();
    }
    return true;
  }

  private void verify(Client client, String where) {
    DocumentArray everything = client.everything();
    expectation.found(everything, where);
    writers.foundSpace(
        everything.isEmpty() ? "" : everything.getFirst().embeddingSpace().orElseThrow());
    long vectors = everything.stream().mapToLong(document -> 1L + document.chunks().size()).sum();
    Struct status = client.call("/status", List.of());
    assertThat(number(status, "documents")).as(where).isEqualTo(everything.size());
    long counted =
        status.getFieldsOrThrow("generations").getListValue().getValuesList().stream()
            .mapToLong(generation -> number(generation.getStructValue(), "vectors"))
            .sum();
    assertThat(counted).as(where).isEqualTo(vectors);
    if (!everything.isEmpty()) {
      verifySearch(client, everything, where);
    }
  }

  private void verifySearch(Client client, DocumentArray everything, String where) {
    Document one = everything.get(random.nextInt(everything.size()));
    Document query =
        Document.create()
            .embedding(one.embedding().orElseThrow(), one.embeddingSpace().orElseThrow());
    for (boolean exact : List.of(true, false)) {
      DocumentArray matches = client.search(query, 10_000, exact);
      assertThat(matches)
          .as(where)
          .extracting(Document::text)
          .containsExactlyInAnyOrderElementsOf(everything.stream().map(Document::text).toList());
      assertThat(matches.getFirst().text()).as(where).isEqualTo(one.text());
    }
  }

  private static long number(Struct struct, String key) {
    return (long) struct.getFieldsOrThrow(key).getNumberValue();
  }
}

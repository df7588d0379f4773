package io.attune.indexer.durability;

import static io.attune.indexer.durability.RolloutCommands.command;
import static io.attune.proto.attune.RolloutState.LIVE;
import static io.attune.proto.attune.RolloutState.PREPARING;
import static io.attune.proto.attune.RolloutState.READY;
import static io.attune.proto.attune.RolloutState.REINDEXING;
import static io.attune.proto.attune.RolloutState.RETIRED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.NdArray;
import io.attune.proto.attune.RolloutState;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.ExecutorChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Kills the process of an indexer in each state of a rollout, while it is written. After the next
/// start the rollout goes on, nothing that was acknowledged is lost, nothing deleted comes back,
/// and of the documents that nobody writes at most one in a hundred is embedded twice.
///
/// `-Dattune.kill.rounds=N` (default 2; from 5 on every state, as `.ci/run` does) and
/// `-Dattune.seed=N` rerun and extend it.
///
/// It is no part of the build, which has [KillTest]: `-Dtest.excluded=` adds it.
@Tag("soak")
@Timeout(1_200)
final class RolloutKillTest {
  private static final int ROUNDS = Integer.getInteger("attune.kill.rounds", 2);
  private static final List<RolloutState> WAY =
      List.of(PREPARING, REINDEXING, READY, LIVE, RETIRED);
  private static final String UNTOUCHED = "untouched ";
  private static final int DOCUMENTS = 200;

  /// Where a copy is killed there are so many: one in a hundred of them is a batch, as a copy of so
  /// few embeds 8 at once, and commits each time.
  private static final int COPIED = 800;

  /// Their texts, those of chunks aside.
  private static final Pattern ROOTS = Pattern.compile(UNTOUCHED + "\\d+");

  @TempDir Path folder;

  private final long seed = Long.getLong("attune.seed", new Random().nextLong());
  private final Random random = new Random(seed);
  private final Expectation expectation = new Expectation();
  private final Writers writers = new Writers(expectation);
  private final CountingEncoder encoder = new CountingEncoder();
  private IndexerProcess warming;
  private Running running;
  private int started;
  private int version = 1;

  /// An indexer that serves.
  private record Running(
      IndexerProcess process, ExecutorChannel channel, Client client, RolloutCommands commands)
      implements AutoCloseable {
    static Running of(IndexerProcess process, Path workspace) throws IOException {
      ExecutorChannel channel = process.open(workspace).channel();
      return new Running(
          process, channel, new Client(channel), new RolloutCommands(process.adminPort()));
    }

    @Override
    public void close() {
      channel.close();
      commands.close();
      process.close();
    }
  }

  @BeforeEach
  void open() throws IOException {
    warming = warm();
    running = Running.of(warming, folder.resolve("index"));
    warming = warm();
    add(0, DOCUMENTS);
  }

  private void add(int from, int to) {
    List<Document> documents = new ArrayList<>();
    for (int i = from; i < to; i++) {
      String text = UNTOUCHED + i;
      documents.add(Expectation.document("id" + i, text, CountingEncoder.space(version)));
      expectation.answered("id" + i, text);
    }
    var _ = running.client().call("/index", documents);
  }

  private void remove(int from, int to) {
    List<String> ids = IntStream.range(from, to).mapToObj(i -> "id" + i).toList();
    var _ = running.client().delete(ids);
    ids.forEach(id -> expectation.answered(id, Expectation.ABSENT));
  }

  @AfterEach
  void close() {
    running.close();
    warming.close();
    encoder.close();
  }

  private IndexerProcess warm() throws IOException {
    return IndexerProcess.start(
        folder.resolve("scratch" + started++),
        folder.resolve("complaints"),
        "commit_interval_ms",
        List.of("10", "40", "3600000").get(random.nextInt(3)),
        "log_segment_bytes",
        "8192",
        "admin_port",
        "0",
        "encoder",
        encoder.address());
  }

  private void restart() throws IOException {
    running = Running.of(warming, folder.resolve("index"));
    warming = warm();
  }

  @Test
  void finishesTheRolloutAndLosesNothing() throws Exception {
    int first = random.nextInt(WAY.size());
    try {
      for (int round = 1; round <= ROUNDS; round++) {
        RolloutState state = WAY.get((first + round) % WAY.size());
        rollOut(round, state, "seed %d, round %d, %s".formatted(seed, round, state));
      }
    } catch (IOException e) {
      throw new AssertionError(Files.readString(folder.resolve("complaints")), e);
    }
  }

  private void rollOut(int epoch, RolloutState killedIn, String where) throws Exception {
    int documents = killedIn == REINDEXING ? COPIED : DOCUMENTS;
    if (documents > DOCUMENTS) {
      add(DOCUMENTS, documents);
    }
    encoder.forget();
    int from = version;
    for (RolloutState state : WAY) {
      if (state == RETIRED) {
        version = 3 - from; // the gateways have changed over
      }
      writers.writesIn(CountingEncoder.space(version));
      if (state == killedIn) {
        kill(epoch, from, state, where);
        goesOnByItself(from, state, where);
      }
      running.commands().move(command(epoch, from, state));
      verify(where + ", then " + state);
    }
    assertThat(running.commands().standing().getHeldCount()).as(where).isEqualTo(1);
    assertThat(encoder.asked(ROOTS)).as(where).isGreaterThanOrEqualTo(documents);
    assertThat(encoder.askedAgain(ROOTS)).as(where).isLessThanOrEqualTo(documents / 100);
    if (documents > DOCUMENTS) {
      remove(DOCUMENTS, documents);
    }
  }

  /// Kills it while it goes to a state and is written.
  private void kill(int epoch, int from, RolloutState state, String where) throws Exception {
    long enough = state == REINDEXING ? random.nextInt(COPIED) : 0;
    writers.runUntil(
        running.client(),
        random,
        () -> {
          CompletableFuture<Void> moving =
              CompletableFuture.runAsync(
                  () -> moveOrEnd(epoch, from, state), Thread.ofVirtual()::start);
          assertThat(writers.answers().tryAcquire(random.nextInt(20), 1, TimeUnit.MINUTES))
              .as(where)
              .isTrue();
          await(() -> moving.isDone() || encoder.asked(ROOTS) >= enough, where);
          LockSupport.parkNanos(random.nextLong(TimeUnit.MILLISECONDS.toNanos(40)));
          writers.mayFail();
          running.process().kill();
          moving.get(1, TimeUnit.MINUTES);
          return true;
        });
    running.close();
    restart();
  }

  private void moveOrEnd(int epoch, int from, RolloutState state) {
    try {
      running.commands().move(command(epoch, from, state));
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }
  }

  /// A generation that was begun is built without anybody asking for it again.
  private void goesOnByItself(int from, RolloutState killedIn, String where) {
    verify(where + ", started again");
    var standing = running.commands().standing();
    boolean isBegun = killedIn != PREPARING && standing.getHeldCount() == 2;
    if (killedIn == READY || killedIn == LIVE) {
      assertThat(isBegun).as("%s: %s", where, standing).isTrue();
    }
    if (isBegun) {
      await(() -> running.commands().isReady(CountingEncoder.space(3 - from)), where);
      verify(where + ", gone on by itself");
    }
  }

  private static void await(BooleanSupplier condition, String where) {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(where).isLessThan(end);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
  }

  /// Everything is there, in each space whose generation is ready.
  private void verify(String where) {
    DocumentArray everything = everything(where);
    expectation.found(everything, where);
    for (var held : running.commands().standing().getHeldList()) {
      if (held.getReady()) {
        verifySearch(held.getSpace(), everything, where + ", in " + held.getSpace());
      }
    }
  }

  private void verifySearch(String space, DocumentArray everything, String where) {
    NdArray vector = Expectation.vector(UNTOUCHED + "7", space);
    Document query = Document.create().embedding(vector, space);
    DocumentArray matches = running.client().search(query, 10_000, true);
    assertThat(matches)
        .as(where)
        .extracting(Document::text)
        .containsExactlyInAnyOrderElementsOf(everything.stream().map(Document::text).toList());
    assertThat(matches.getFirst().text()).as(where).isEqualTo(UNTOUCHED + "7");
    for (Document match : matches) {
      assertThat(match.embedding().orElseThrow().floats())
          .as("%s, vector of %s", where, match.id())
          .containsExactly(Expectation.vector(match.text(), space).floats(), within(1e-5f));
    }
  }

  /// A generation that was not seen to be complete since the start is refused.
  private DocumentArray everything(String where) {
    DocumentArray[] found = new DocumentArray[1];
    await(
        () -> {
          try {
            found[0] = running.client().everything();
            return true;
          } catch (FlowException e) {
            assertThat(e.code()).as(where).isEqualTo(ErrorCode.UNAVAILABLE);
            return false;
          }
        },
        where);
    return found[0];
  }
}

package io.attune.indexer;

import static io.attune.indexer.PlantedSpaces.NEW;
import static io.attune.indexer.PlantedSpaces.OLD;
import static io.attune.indexer.RolloutHarness.to;
import static io.attune.proto.attune.RolloutState.LIVE;
import static io.attune.proto.attune.RolloutState.READY;
import static io.attune.proto.attune.RolloutState.REINDEXING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.proto.attune.MoveRequest;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Documents that fail, again and again, as if the encoder could not work now.
@Timeout(60)
class DoubtedDocumentsTest {
  @TempDir Path folder;
  private RolloutHarness index;

  @BeforeEach
  void open() throws IOException {
    index = new RolloutHarness(folder);
  }

  @AfterEach
  void close() throws IOException {
    index.embedders.before = _ -> {};
    index.close();
  }

  private void refused(MoveRequest.Builder command, String message) {
    assertThatThrownBy(() -> index.move(command)).hasMessageStartingWith(message);
  }

  @ParameterizedTest
  @EnumSource(names = {"RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED", "FAILED_PRECONDITION"})
  void areMissingWhereTheEncoderWorksForOthers(ErrorCode code) throws IOException {
    index.index(OLD, "a", "one", "b", "too large", "c", "three", "d", "larger");
    index.embedders.unclear.put("too large", code);
    index.embedders.unclear.put("larger", code);
    refused(
        to(REINDEXING), "2 documents that cannot be embedded: 2 that failed three times: b, d (");
    index.move(to(READY).setAllowMissing(2));
    assertThat(index.texts(NEW)).isEqualTo(Map.of("a", "one", "c", "three"));
    index.embedders.unclear.remove("larger");
    index.index(OLD, "b", "small", "d", "larger");
    index.move(LIVE);
    assertThat(index.texts(NEW)).isEqualTo(index.texts(OLD)).hasSize(4);
  }

  @Test
  void areMissingWhereNothingElseIsThere() {
    index.index(OLD, "a", "too large");
    index.embedders.unclear.put("too large", ErrorCode.RESOURCE_EXHAUSTED);
    refused(to(READY), "1 document that cannot be embedded: 1 that failed three times: a (");
  }

  @Test
  void doNotKeepTheLogFromBeingFollowed() throws IOException {
    index.index(OLD, "a", "one");
    index.move(READY);
    index.embedders.unclear.put("too large", ErrorCode.DEADLINE_EXCEEDED);
    index.index(OLD, "b", "too large");
    refused(to(LIVE), "1 document that cannot be embedded: 1 that failed three times: b (");
    index.index(OLD, "c", "three");
    assertThat(index.texts(NEW)).isEqualTo(Map.of("a", "one", "c", "three"));
    index.shard.delete(List.of("b"));
    index.move(LIVE);
  }

  @ParameterizedTest
  @EnumSource(
      names = {"RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED", "FAILED_PRECONDITION", "UNAVAILABLE"})
  void areNotToBlameWhereTheEncoderDoesNotWork(ErrorCode code) throws Exception {
    index.index(OLD, "a", "one", "b", "two");
    AtomicInteger calls = new AtomicInteger();
    index.embedders.before =
        space -> {
          if (space.equals(NEW) && calls.incrementAndGet() <= 100) {
            throw new FlowException(code, "encoder: not now");
          }
        };
    index.move(READY);
    assertThat(calls).hasValueGreaterThan(100);
    assertThat(index.texts(NEW)).isEqualTo(Map.of("a", "one", "b", "two"));
    assertThat(Objects.requireNonNull(index.shard.followers().of(NEW)).missing().count()).isZero();
  }

  /// One that is refused now and then, as is each under load, is embedded in the end.
  @Test
  void areNotToBlameForWhatPasses() throws Exception {
    index.index(OLD, "a", "one", "b", "two");
    AtomicInteger calls = new AtomicInteger();
    index.embedders.unclear.put("two", ErrorCode.RESOURCE_EXHAUSTED);
    index.embedders.before =
        space -> {
          // ten calls with both, then one for each alone, and one that shows that others work
          if (space.equals(NEW) && calls.incrementAndGet() == 15) {
            index.embedders.unclear.clear();
          }
        };
    index.move(READY);
    assertThat(calls).hasValueGreaterThanOrEqualTo(15);
    assertThat(index.texts(NEW)).isEqualTo(Map.of("a", "one", "b", "two"));
  }

  @Test
  void areMissingWhereTheyEndTheEncoder() throws IOException {
    index.index(OLD, "a", "one", "b", "deadly", "c", "three", "d", "four");
    index.embedders.deadly.add("deadly");
    refused(to(REINDEXING), "1 document that cannot be embedded: 1 that failed three times: b (");
    assertThat(index.embedders.ends).as("once with others, three times alone").hasValue(4);
    index.move(to(READY).setAllowMissing(1));
    index.index(OLD, "e", "five");
    assertThat(index.texts(NEW))
        .isEqualTo(Map.of("a", "one", "c", "three", "d", "four", "e", "five"));
    assertThat(index.embedders.ends).hasValue(4);
    index.index(OLD, "b", "small");
    index.move(LIVE);
    assertThat(index.texts(NEW)).isEqualTo(index.texts(OLD)).hasSize(5);
  }

  @Test
  void thatEndTheEncoderDoNotKeepTheLogFromBeingFollowed()
      throws IOException, InterruptedException {
    index.move(READY);
    index.embedders.deadly.add("deadly");
    index.index(OLD, "a", "one", "b", "deadly", "c", "three");
    refused(to(LIVE), "1 document that cannot be embedded: 1 that failed three times: b (");
    // b may be refused before what was embedded beside it is applied
    while (index.texts(NEW).size() < 2) {
      Thread.sleep(1);
    }
    assertThat(index.texts(NEW)).isEqualTo(Map.of("a", "one", "c", "three"));
  }

  /// A process that ends under every call, whatever it is asked for, never answers in between.
  @Test
  void areNotToBlameWhereTheEncoderEndsUnderEverything() throws IOException {
    index.index(OLD, "a", "one", "b", "two");
    AtomicInteger calls = new AtomicInteger();
    index.embedders.before =
        space -> {
          if (space.equals(NEW) && calls.incrementAndGet() <= 100) {
            throw FakeEmbedders.broken();
          }
        };
    index.move(READY);
    assertThat(index.texts(NEW)).isEqualTo(Map.of("a", "one", "b", "two"));
  }

  /// One that was asked for when the encoder happened to go is embedded in the end.
  @Test
  void areNotToBlameWhereTheEncoderEndsTwiceUnderThem() throws IOException {
    index.index(OLD, "a", "one", "b", "two");
    index.embedders.deadly.add("two");
    index.embedders.before =
        _ -> {
          if (index.embedders.ends.get() == 3) {
            index.embedders.deadly.clear();
          }
        };
    index.move(READY);
    assertThat(index.embedders.ends).hasValue(3);
    assertThat(index.texts(NEW)).isEqualTo(Map.of("a", "one", "b", "two"));
  }
}

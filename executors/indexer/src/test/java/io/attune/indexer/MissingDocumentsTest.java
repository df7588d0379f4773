package io.attune.indexer;

import static io.attune.indexer.PlantedSpaces.NEW;
import static io.attune.indexer.PlantedSpaces.OLD;
import static io.attune.indexer.RolloutHarness.to;
import static io.attune.proto.attune.RolloutState.LIVE;
import static io.attune.proto.attune.RolloutState.PREPARING;
import static io.attune.proto.attune.RolloutState.READY;
import static io.attune.proto.attune.RolloutState.REINDEXING;
import static io.attune.proto.attune.RolloutState.RETIRED;
import static io.attune.proto.attune.RolloutState.ROLLED_BACK;
import static io.attune.proto.attune.RolloutState.ROLLOUT_FAILED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.indexer.Missing.Reason;
import io.attune.indexer.generation.View;
import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.NotEmbeddable;
import io.attune.proto.attune.OwnVectors;
import io.attune.proto.attune.Progress;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Documents that nothing gives a vector of the new space.
@Timeout(120)
class MissingDocumentsTest {
  @TempDir Path folder;
  private RolloutHarness index;

  @BeforeEach
  void open() throws IOException {
    index = new RolloutHarness(folder.resolve("index"));
    index.index(OLD, "a", "one", "b", "two");
  }

  @AfterEach
  void close() throws IOException {
    index.close();
  }

  private static Document bare(String id) {
    return Document.create().id(id).embedding(NdArray.of(PlantedSpaces.vector(id, OLD)), OLD);
  }

  /// What came without a mark, its space told by the request.
  private void indexOwn(String id) {
    Document own = Document.ofText("own").id(id);
    index.shard.index(
        List.of(own.embedding(NdArray.of(PlantedSpaces.vector("another", OLD)))), OLD);
  }

  private List<Progress> refused(MoveRequest.Builder command, String message) {
    List<Progress> told = new ArrayList<>();
    assertThatThrownBy(() -> index.shard.rollouts().move(command.build(), told::add))
        .isInstanceOfSatisfying(
            FlowException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FAILED_PRECONDITION))
        .hasMessageContaining(message);
    assertThat(Objects.requireNonNull(index.shard.spaces().manifest().rollout()).refusal())
        .contains(message);
    return told;
  }

  private Set<String> ids(String space) throws IOException {
    Set<String> ids = new TreeSet<>();
    try (View view = Objects.requireNonNull(index.shard.spaces().of(space)).view()) {
      view.forEach((_, content) -> ids.add(content.source().getId()));
    }
    return ids;
  }

  @Test
  void areCountedAndNamedBeforeAnythingIsDone() throws IOException {
    Path file = Files.writeString(folder.resolve("there"), "x");
    index.shard.index(
        List.of(
            bare("c"),
            bare("d").uri(folder.resolve("gone").toString()),
            bare("e").uri(file.toUri().toString())),
        "");
    indexOwn("f");
    List<Progress> told =
        refused(
            to(PREPARING).setAllowMissing(2),
            "3 documents that cannot be embedded: 1 without content that the encoder reads, 1 whose file is gone, 1 with a vector of their own: ");
    assertThat(told.getLast().getMissing()).isEqualTo(3);
    assertThat(told.getLast().getMissingDocumentsList())
        .containsExactlyInAnyOrder(
            notEmbeddable("c", "without content that the encoder reads"),
            notEmbeddable("d", "whose file is gone"),
            notEmbeddable("f", "with a vector of their own"));
    assertThat(index.shard.generations()).hasSize(1);
    index.move(to(PREPARING).setAllowMissing(3));
  }

  private static NotEmbeddable notEmbeddable(String id, String reason) {
    return NotEmbeddable.newBuilder().setId(id).setReason(reason).build();
  }

  @Test
  void refuseTheRolloutWhenTheCopyIsThrough() throws IOException {
    index.shard.index(List.of(bare("c")), "");
    index.embedders.poisonous.add("two");
    refused(
        to(REINDEXING).setAllowMissing(1),
        "2 documents that cannot be embedded: 1 without content that the encoder reads, 1 that failed three times: ");
    refused(to(READY).setAllowMissing(1), "2 documents");
    index.move(to(READY).setAllowMissing(2));
    assertThat(ids(NEW)).containsExactly("a");
    index.embedders.poisonous.clear();
    index.index(OLD, "b", "two");
    index.shard.delete(List.of("c"));
    assertThat(ids(NEW)).isEqualTo(ids(OLD)).containsExactly("a", "b");
    index.move(to(LIVE));
  }

  @Test
  void anUpdateThatCannotBeEmbeddedTakesTheFormerOneAway() throws IOException {
    index.move(to(READY));
    index.embedders.poisonous.add("bad");
    index.index(OLD, "a", "bad");
    assertThat(ids(NEW)).containsExactly("b");
    assertThat(ids(OLD)).containsExactly("a", "b");
    refused(to(LIVE), "1 document that cannot be embedded: 1 that failed three times: a");
    index.embedders.poisonous.clear();
    index.reopen(true);
    index.index(OLD, "a", "good");
    index.move(to(LIVE));
    assertThat(ids(NEW)).containsExactly("a", "b");
  }

  @Test
  void areStillMissingAfterAKill() throws IOException {
    index.move(to(READY));
    index.embedders.poisonous.add("bad");
    index.index(OLD, "a", "bad", "gone", "bad", "c", "three");
    index.shard.commit(); // the log is not gone through again
    index.embedders.poisonous.clear();
    index.reopen(true);
    refused(to(READY), "2 documents that cannot be embedded: 2 that failed three times: a, gone");
    refused(to(LIVE), "2 documents that cannot be embedded");
    index.index(OLD, "a", "good");
    index.shard.delete(List.of("gone"));
    index.shard.commit();
    index.reopen(true);
    index.move(to(LIVE));
    assertThat(ids(NEW)).isEqualTo(ids(OLD)).containsExactly("a", "b", "c");
  }

  @Test
  void ofTheCopyAreStillMissingAfterAKill() throws IOException {
    index.embedders.poisonous.add("two");
    index.move(to(READY).setAllowMissing(1));
    index.embedders.poisonous.clear();
    index.reopen(true);
    refused(to(LIVE), "1 document that cannot be embedded: 1 that failed three times: b");
    index.move(to(LIVE).setAllowMissing(1));
  }

  @Test
  void areNotGivenUpByARollback() throws IOException {
    index.move(to(LIVE));
    index.embedders.poisonous.add("bad");
    index.index(NEW, "c", "bad");
    String message =
        "1 document that cannot be embedded: 1 that failed three times: c (expected: at most 0; the generation of space new-space, which has them, stays until a rollout)";
    refused(to(ROLLED_BACK), message);
    index.shard.commit();
    index.reopen(true);
    refused(to(ROLLED_BACK), message);
    assertThat(index.shard.spaces().isLive(OLD)).isTrue();
    assertThat(ids(NEW)).containsExactly("a", "b", "c");
    index.move(to(LIVE).setRollout("r2").setEpoch(2));
    assertThat(index.shard.spaces().isLive(NEW)).isTrue();
    assertThat(ids(NEW)).containsExactly("a", "b", "c");
  }

  /// What stays for their sake is not followed: encoders give its version up when the rollout is
  /// over, and the log would be kept for it for ever.
  @Test
  void keepAGenerationThatNothingIsEmbeddedFor() throws IOException {
    index.move(to(LIVE));
    index.embedders.poisonous.add("bad");
    index.index(NEW, "c", "bad");
    AtomicInteger asked = givenUp(NEW);
    refused(to(ROLLED_BACK), "c (expected: at most 0");
    writeBesideWhatStays(OLD);
    index.reopen(true);
    writeBesideWhatStays(OLD);
    assertThat(asked).hasValue(0);
    assertThat(ids(NEW)).containsExactly("a", "c");

    index.embedders.before = _ -> {};
    index.move(to(LIVE).setRollout("r2").setEpoch(2));
    Map<String, String> expected = new TreeMap<>(index.texts(OLD));
    expected.put("c", "bad");
    assertThat(index.texts(NEW)).isEqualTo(expected).containsEntry("a", "changed").hasSize(3);
  }

  @Test
  void keepTheOldGenerationWhereTheNewOneLacksThem() throws IOException {
    index.move(to(LIVE));
    index.embedders.poisonous.add("bad");
    index.index(OLD, "c", "bad");
    AtomicInteger asked = givenUp(OLD);
    refused(
        to(RETIRED),
        "c (expected: at most 0; the generation of space old-space, which has them, stays until a rollout)");
    writeBesideWhatStays(NEW);
    assertThat(asked).hasValue(0);
    assertThat(ids(OLD)).containsExactly("a", "c");
    assertThat(ids(NEW)).containsExactly("a", "d");
  }

  /// Counts what an encoder is asked for that has not got the version any more.
  private AtomicInteger givenUp(String space) {
    AtomicInteger asked = new AtomicInteger();
    index.embedders.before =
        embedding -> {
          if (embedding.equals(space)) {
            asked.incrementAndGet();
            throw FakeEmbedders.unavailable();
          }
        };
    return asked;
  }

  /// @param live the space that is not on its way out
  private void writeBesideWhatStays(String live) throws IOException {
    index.index(live, "a", "changed", "d", "four");
    index.shard.delete(List.of("b"));
    index.shard.commit();
    assertThat(index.shard.spaces().committed()).isEqualTo(index.shard.applied());
  }

  @Test
  void areToldOfWhereARollbackMayDoWithoutThem() throws IOException {
    index.move(to(LIVE));
    index.embedders.poisonous.add("bad");
    index.index(NEW, "c", "bad");
    List<Progress> told = index.move(to(ROLLED_BACK).setAllowMissing(1));
    assertThat(index.shard.generations()).hasSize(1);
    index.reopen(true);
    List<Progress> again = index.move(to(ROLLED_BACK).setAllowMissing(1));
    for (Progress last : List.of(told.getLast(), again.getLast())) {
      assertThat(last.getMissing()).isEqualTo(1);
      assertThat(last.getMissingDocumentsList())
          .containsExactly(notEmbeddable("c", "that failed three times"));
      assertThat(last.getMessage())
          .isEqualTo("1 document that cannot be embedded: 1 that failed three times: c");
    }
    index.move(to(PREPARING).setRollout("r2").setEpoch(2).setAllowMissing(1));
    MoveRequest.Builder next = to(ROLLOUT_FAILED).setRollout("r2").setEpoch(2).setAllowMissing(1);
    assertThat(index.move(next).getLast().getMissing()).isZero();
  }

  /// A kill between what names them and the commit that goes with it.
  @Test
  void areNotMissingWhereTheGenerationHoldsThem() throws IOException {
    index.move(to(READY));
    index.shard.commit();
    index
        .shard
        .spaces()
        .manifest()
        .missing(NEW, new KeptMissing(Map.of("a", Reason.FAILED), Map.of()));
    index.reopen(true);
    index.move(to(LIVE));
  }

  @Test
  void otherDocumentsOfTheBatchAreNoneTheWorse() throws IOException {
    index.embedders.poisonous.add("one");
    index.move(to(READY).setAllowMissing(1));
    assertThat(ids(NEW)).containsExactly("b");
    assertThat(index.embedders.count(NEW)).isGreaterThanOrEqualTo(1);
  }

  @Test
  void ownVectorsAreKeptOrDroppedAsAsked() throws IOException {
    indexOwn("f");
    refused(to(REINDEXING), "1 document that cannot be embedded: 1 with a vector of their own: f");
    index.move(to(READY).setOwnVectors(OwnVectors.OWN_VECTORS_KEEP));
    assertThat(ids(NEW)).containsExactly("a", "b", "f");
    try (View view = Objects.requireNonNull(index.shard.spaces().of(NEW)).view()) {
      assertThat(view.find("f").orElseThrow().units().getFirst().vector())
          .containsExactly(PlantedSpaces.vector("another", OLD));
    }
    indexOwn("g");
    assertThat(ids(NEW)).contains("g");
  }

  @Test
  void droppedOnesAreNotCountedAgainstTheRollout() throws IOException {
    indexOwn("f");
    MoveRequest.Builder drop = to(PREPARING).setOwnVectors(OwnVectors.OWN_VECTORS_DROP);
    index.move(drop);
    index.move(drop.clone().setState(RETIRED));
    assertThat(ids(NEW)).containsExactly("a", "b");
  }
}

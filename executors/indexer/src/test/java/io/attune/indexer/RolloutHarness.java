package io.attune.indexer;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.document.Document;
import io.attune.indexer.generation.View;
import io.attune.indexer.lucene.LuceneIndex;
import io.attune.proto.attune.MoveRequest;
import io.attune.proto.attune.Progress;
import io.attune.proto.attune.RolloutState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A shard with an encoder of two versions, driven through rollouts.
final class RolloutHarness implements AutoCloseable {
  static final Follower.Pace PACE = pace(Duration.ofSeconds(20), Duration.ofMinutes(1));

  static Follower.Pace pace(Duration writeWait, Duration searchWait) {
    return new Follower.Pace(writeWait, searchWait, Duration.ofMillis(1), Duration.ofMillis(4));
  }

  final FakeEmbedders embedders = new FakeEmbedders();

  /// What the disk has left.
  volatile long free = Long.MAX_VALUE;

  private final Path folder;
  private final IndexerConfig config;
  private final Follower.Pace pace;
  Shard shard;

  RolloutHarness(Path folder, Object... with) throws IOException {
    this(folder, PACE, with);
  }

  RolloutHarness(Path folder, Follower.Pace pace, Object... with) throws IOException {
    this.folder = folder;
    this.pace = pace;
    this.config = IndexerConfig.of(IndexerHarness.parameters(with));
    this.shard = open();
  }

  private Shard open() throws IOException {
    return Shard.open(
        folder, config, new LuceneIndex(), new Shard.Growth(embedders, pace, _ -> free));
  }

  /// Opens it again, as a stop left it or as a kill did.
  void reopen(boolean isKilled) throws IOException {
    shard.close(!isKilled);
    shard = open();
  }

  /// A command of the rollout from the old space to the new one.
  static MoveRequest.Builder to(RolloutState state) {
    return MoveRequest.newBuilder()
        .setRollout("r1")
        .setEpoch(1)
        .setModel("planted")
        .setFromVersion("1")
        .setToVersion("2")
        .setFromSpace(PlantedSpaces.OLD)
        .setToSpace(PlantedSpaces.NEW)
        .setDimension(PlantedSpaces.DIMENSION)
        .setState(state);
  }

  /// Goes to a state, and answers what was told on the way.
  List<Progress> move(MoveRequest.Builder command) {
    List<Progress> told = new ArrayList<>();
    shard.rollouts().move(command.build(), told::add);
    assertThat(told.getLast().getReached()).isEqualTo(command.getState());
    return told;
  }

  List<Progress> move(RolloutState state) {
    return move(to(state));
  }

  void index(String space, String... idsAndTexts) {
    List<Document> documents = new ArrayList<>();
    for (int i = 0; i < idsAndTexts.length; i += 2) {
      documents.add(PlantedSpaces.document(idsAndTexts[i], idsAndTexts[i + 1], space));
    }
    shard.index(documents, "");
  }

  /// The texts of a generation by id; every vector in it is that of its text in its space.
  Map<String, String> texts(String space) throws IOException {
    return Objects.requireNonNull(textsIfThere(space));
  }

  /// The same; null where there is no generation of the space.
  @Nullable Map<String, String> textsIfThere(String space) throws IOException {
    Map<String, String> texts = new TreeMap<>();
    try (View view = shard.spaces().view(space)) {
      if (view == null) {
        return null;
      }
      view.forEach((_, content) -> {
        assertThat(PlantedSpaces.isWhole(content, space)).as("%s in %s", content, space).isTrue();
        texts.put(content.source().getId(), content.source().getText());
      });
      assertThat(view.documents()).isEqualTo(texts.size());
    }
    return texts;
  }

  boolean isReady(String space) {
    Followers.Running running = shard.followers().of(space);
    return running != null && running.follower().state().isReady();
  }

  @Override
  public void close() throws IOException {
    shard.close();
  }
}

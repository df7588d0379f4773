package io.attune.indexer;

import static io.attune.indexer.PlantedSpaces.NEW;
import static io.attune.indexer.PlantedSpaces.OLD;
import static io.attune.proto.attune.RolloutState.LIVE;
import static io.attune.proto.attune.RolloutState.PREPARING;
import static io.attune.proto.attune.RolloutState.READY;
import static io.attune.proto.attune.RolloutState.REINDEXING;
import static io.attune.proto.attune.RolloutState.RETIRED;
import static io.attune.proto.attune.RolloutState.ROLLED_BACK;
import static io.attune.proto.attune.RolloutState.ROLLOUT_FAILED;
import static org.assertj.core.api.Assertions.assertThat;

import io.attune.document.Document;
import io.attune.document.NdArray;
import io.attune.proto.attune.RolloutState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Rollouts of an index that nothing was written to yet.
@Timeout(120)
class EmptyIndexRolloutTest {
  @TempDir Path folder;

  private RolloutHarness open(String name) throws IOException {
    return new RolloutHarness(folder.resolve(name));
  }

  @Test
  void goesBackToTheOldSpaceFromEveryState() throws IOException {
    for (RolloutState end : List.of(ROLLED_BACK, ROLLOUT_FAILED)) {
      for (RolloutState state : List.of(PREPARING, REINDEXING, READY, LIVE)) {
        try (RolloutHarness index = open(end + "-" + state)) {
          index.move(state);
          index.move(end);
          index.index(OLD, "d", "four");
          assertThat(index.texts(OLD)).isEqualTo(Map.of("d", "four"));
          assertThat(index.textsIfThere(NEW)).isNull();
        }
      }
    }
  }

  @Test
  void losesNoWriteOfTheNewSpaceWhenItGoesBack() throws IOException {
    try (RolloutHarness index = open("back")) {
      index.move(LIVE);
      index.index(NEW, "d", "four");
      assertThat(index.texts(OLD)).isEqualTo(Map.of("d", "four"));
      index.move(ROLLED_BACK);
      index.reopen(true);
      assertThat(index.texts(OLD)).isEqualTo(Map.of("d", "four"));
      assertThat(index.textsIfThere(NEW)).isNull();
    }
  }

  @Test
  void goesOnToTheNewSpace() throws IOException {
    try (RolloutHarness index = open("on")) {
      index.move(LIVE);
      index.index(OLD, "c", "of one who does not know yet");
      index.index(NEW, "d", "four");
      index.move(RETIRED);
      assertThat(index.texts(NEW))
          .isEqualTo(Map.of("c", "of one who does not know yet", "d", "four"));
      assertThat(index.textsIfThere(OLD)).isNull();
    }
  }

  @Test
  void knowsTheOldSpacesDimensionFromTheCommand() throws IOException {
    try (RolloutHarness index = open("dimension")) {
      index.move(RolloutHarness.to(READY).setFromDimension(3));
      Document document = Document.ofText("one").id("a");
      index.shard.index(List.of(document.embedding(NdArray.of(new float[] {1, 0, 0}), OLD)), "");
      assertThat(index.shard.documents()).isEqualTo(1);
    }
  }
}

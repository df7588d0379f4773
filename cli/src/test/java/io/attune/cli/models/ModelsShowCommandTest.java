package io.attune.cli.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.cli.ExitCode;
import io.attune.cli.Run;
import io.attune.models.DefaultModel;
import io.attune.models.ModelStore;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The layers of the default model, whose sizes are those of MiniLM-L6: 30,522 words, 512
/// positions, 6 layers of 384, feed-forward 1,536.
@Timeout(120)
class ModelsShowCommandTest {
  private static final long LAYER = 4 * (384 * 384 + 384) + 2 * 384 * 1536 + 1536 + 384 + 4 * 384;
  private static final long EMBEDDINGS = (30_522 + 512 + 2) * 384L + 2 * 384;

  @Test
  void printsLayersWithShapesAndTotals() {
    Run run = Run.of("models", "show", "all-MiniLM-L6-v2");
    assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .startsWith("format: 1\nname: all-MiniLM-L6-v2\n")
        .containsPattern(
            "embeddings.word_embeddings +Gather +\\(batch, length, 384\\) +11,720,448  trainable")
        .containsPattern(
            "encoder.layer.0.intermediate.dense +\\w+ +\\(batch, length, 1536\\) +591,360  trainable")
        .contains("%,d parameters".formatted(EMBEDDINGS + 6 * LAYER));
  }

  @Test
  void showsWhatFreezingWouldLeaveAndTakesAFile() {
    Path graph = DefaultModel.in(ModelStore.at(ModelStore.defaultRoot())).model();
    Run run = Run.of("models", "show", graph.toString(), "--freeze=encoder.layer.0", "--json");
    assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.OK);
    JsonNode json = JsonMapper.shared().readTree(run.out());
    assertThat(json.path("file").asString()).isEqualTo(graph.toString());
    assertThat(json.path("parameters").asLong() - json.path("trainable").asLong()).isEqualTo(LAYER);
    assertThat(json.path("layers").findValuesAsString("name"))
        .contains("encoder.layer.5.output.dense");
    Run wrong = Run.of("models", "show", graph.toString(), "--freeze=encoder.layr.0");
    assertThat(wrong.code()).isEqualTo(ExitCode.USAGE);
    assertThat(wrong.err()).contains("did you mean encoder.layer.0?");
  }
}

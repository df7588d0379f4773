package io.attune.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.document.Document;
import io.attune.models.Golden;
import io.attune.models.Tokens;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WarmUpTest {
  private static final Golden GOLDEN =
      new Golden(List.of(new Golden.Case("one", null, null, new float[3])));

  /// A token to a word, and two more; up to 64.
  private static class Words implements EmbeddingModel {
    final List<String> batches = Collections.synchronizedList(new ArrayList<>());

    @Override
    public ModelVersion id() {
      return new ModelVersion("m", 2);
    }

    @Override
    public String space() {
      return "space";
    }

    @Override
    public int dimension() {
      return 3;
    }

    @Override
    public Optional<Input> read(Document document, Prompt prompt) {
      int words = document.text().strip().split(" ", -1).length;
      int length = Math.min(64, words + 2);
      return Optional.of(
          new Input.Text(new Tokens(new int[length], new int[length], words + 2 > 64), false));
    }

    @Override
    public List<float[]> embed(List<Input> inputs) {
      batches.add(inputs.size() + "x" + inputs.getFirst().cost());
      return List.of();
    }

    @Override
    public void close() {}
  }

  @Test
  void runsEachLengthAloneAndInAFullBatch() {
    Words model = new Words();
    WarmUp.run(model, GOLDEN, 384, 32, 1);
    assertThat(model.batches)
        .containsExactly(
            "1x3", "32x3", "1x8", "32x8", "1x16", "24x16", "1x32", "12x32", "1x64", "6x64");
  }

  @Test
  void runsOneBatchOnEachSessionAtATime() {
    CyclicBarrier both = new CyclicBarrier(2);
    Words model =
        new Words() {
          @Override
          public List<float[]> embed(List<Input> inputs) {
            try {
              var _ = both.await(30, TimeUnit.SECONDS);
            } catch (Exception e) {
              throw new AssertionError("nobody beside " + inputs, e);
            }
            return super.embed(inputs);
          }
        };
    WarmUp.run(model, GOLDEN, 384, 32, 2);
    assertThat(model.batches).hasSize(10).contains("6x64", "1x3");
  }

  @Test
  void failsWithWhatABatchFailsWith() {
    Words model =
        new Words() {
          @Override
          public List<float[]> embed(List<Input> inputs) {
            throw FlowException.invalid("batch: refused");
          }
        };
    assertThatThrownBy(() -> WarmUp.run(model, GOLDEN, 384, 32, 2)).hasMessage("batch: refused");
  }

  @Test
  void runsWhatAModelOfTensorsReads() {
    FakeModel model = new FakeModel("m", 2);
    WarmUp.run(model, GOLDEN, 384, 64, 1);
    assertThat(model.batches).containsExactly(1, 24);
  }
}

package io.attune.trainer.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerNumbersTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # names | the layer of each; - for none
          encoder.layer.0.w encoder.layer.1.w embeddings.word.w pooler.w | 0 1 - -
          0.auto_model.encoder.layer.0.w 0.auto_model.encoder.layer.1.w 0.auto_model.embeddings.w 2.linear.w | 0 1 - -
          encoder.block.0.layer.0.w encoder.block.0.layer.1.w encoder.block.2.layer.0.w encoder.block.5.layer.1.w | 0 0 2 5
          text.layers.0.w text.layers.1.w vision.layers.0.w vision.layers.3.w | 0 1 0 3
          0.w 0.b 2.w 4.w | 0 0 2 4
          1.layer.0.w 1.embeddings.w | 0 -
          lstm.weight linear.weight | - -
          layer.1234567.w layer.3.w | - 3
          """)
  void areTheNumbersThatMostOfFollowAWord(String names, String layers) {
    List<String> all = List.of(names.split(" ", -1));
    LayerNumbers numbers = LayerNumbers.of(all);
    List<String> found =
        all.stream()
            .map(
                name -> numbers.of(name).stream().mapToObj(String::valueOf).findFirst().orElse("-"))
            .toList();
    assertThat(found).containsExactly(layers.split(" ", -1));
  }
}

package io.attune.trainer.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attune.runtime.FlowException;
import io.attune.trainer.loss.Losses;
import io.attune.trainer.miner.Miners;
import io.attune.trainer.optimizer.Optimizers;
import io.attune.trainer.optimizer.Schedules;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class OptionsTest {
  private static final List<Option> OPTIONS =
      List.of(
          Option.real("margin", 0.05, "a number"),
          Option.positive("temperature", 0.07, "above 0"),
          Option.flag("swap", false, "yes or no"),
          Option.oneOf("strategy", "easy", List.of("easy", "hard"), "a name"),
          new Option("per_anchor", new OptionType.Whole(1, 9, "all"), "all", "a count"),
          new Option("range", new OptionType.Interval(-1, 2), null, "two numbers"),
          new Option("patterns", new OptionType.Texts(), null, "texts"));

  private static Options check(String name, Object value) {
    return Options.of("TheLoss", OPTIONS, Map.of(name, value));
  }

  @Test
  void hasDefaults() {
    Options options = Options.of("TheLoss", OPTIONS, Map.of());
    assertThat(options.asMap())
        .isEqualTo(
            Map.of(
                "margin",
                0.05,
                "temperature",
                0.07,
                "swap",
                false,
                "strategy",
                "easy",
                "per_anchor",
                "all"));
    assertThat(options.has("range")).isFalse();
    assertThat(options.reals("range")).isEmpty();
    assertThat(options.texts("patterns")).isEmpty();
  }

  @Test
  void takesTextAndTypedValuesAlike() {
    assertThat(check("margin", "0.5").real("margin")).isEqualTo(0.5);
    assertThat(check("margin", 1).asMap()).containsEntry("margin", 1.0);
    assertThat(check("swap", "True").flag("swap")).isTrue();
    assertThat(check("per_anchor", "3").whole("per_anchor")).isEqualTo(3);
    assertThat(check("per_anchor", "all").text("per_anchor")).isEqualTo("all");
    assertThat(check("range", "0.5, 1").reals("range")).contains(List.of(0.5, 1.0));
    assertThat(check("range", List.of(0, 2)).reals("range")).contains(List.of(0.0, 2.0));
    assertThat(check("patterns", "a*,b").texts("patterns")).contains(List.of("a*", "b"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          margin      | x    | margin: x (expected: a number)
          margin      | NaN  | margin: NaN (expected: a number)
          temperature | 0    | temperature: 0 (expected: a number above 0)
          swap        | yes  | swap: yes (expected: true or false)
          strategy    | Hard | strategy: Hard (expected: one of easy, hard)
          per_anchor  | 0    | per_anchor: 0 (expected: all, or a whole number from 1 to 9)
          per_anchor  | 1.5  | per_anchor: 1.5 (expected: all, or a whole number from 1 to 9)
          range       | 1    | range: 1 (expected: two of: a number from -1 to 2)
          range       | 1,3  | range: 1,3 (expected: two of: a number from -1 to 2)
          margn       | 1    | margn: not an option of TheLoss (expected: one of margin, temperature,\
           swap, strategy, per_anchor, range, patterns, did you mean margin?)
          """)
  void refusesTheUnknownAndTheImpossible(String name, String value, String message) {
    assertThatThrownBy(() -> check(name, value))
        .isInstanceOf(FlowException.class)
        .hasMessage(message);
  }

  static Stream<Choice> choices() {
    return Stream.of(
            Losses.catalog().choices(),
            Miners.catalog().choices(),
            Optimizers.catalog().choices(),
            Schedules.catalog().choices())
        .flatMap(List::stream);
  }

  @ParameterizedTest
  @MethodSource("choices")
  void describesItselfAndAcceptsItsOwnDefaults(Choice choice) {
    assertThat(choice.help()).isNotBlank();
    Options defaults = choice.check(Map.of());
    assertThat(choice.check(defaults.asMap()).asMap()).isEqualTo(defaults.asMap());
    for (Option option : choice.options()) {
      assertThat(option.help()).as(option.name()).isNotBlank();
      assertThat(option.type().expected()).as(option.name()).isNotBlank();
    }
  }

  @Test
  void namesWhatIsNear() {
    assertThatThrownBy(() -> Losses.catalog().named("TripletMarginLos"))
        .isInstanceOf(FlowException.class)
        .hasMessageContaining("did you mean TripletMarginLoss?");
    assertThatThrownBy(() -> Miners.catalog().named("none"))
        .isInstanceOf(FlowException.class)
        .hasMessage(
            "miner: none (expected: one of "
                + String.join(
                    ", ", List.of("TripletMarginMiner", "BatchHardMiner", "BatchEasyHardMiner"))
                + ")");
  }

  @Test
  void aNullValueMeansTheDefault() {
    Map<String, String> given = new HashMap<>();
    Arrays.asList("margin", "range").forEach(name -> given.put(name, null));
    assertThat(Options.of("TheLoss", OPTIONS, given).real("margin")).isEqualTo(0.05);
  }
}

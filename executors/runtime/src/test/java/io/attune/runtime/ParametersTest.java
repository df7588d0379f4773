package io.attune.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ParametersTest {
  @Test
  void eachExecutorSeesItsOwn() {
    Struct own = Struct.newBuilder().putFields("limit", number(3)).build();
    Struct request =
        Struct.newBuilder()
            .putFields("limit", number(1))
            .putFields("encoder__limit", number(2))
            .putFields("other__limit", number(9))
            .putFields("encoder__a__b", number(4))
            .putFields("__private", number(5))
            .putFields("trailing__", number(6))
            .putFields("ranker", Value.newBuilder().setStructValue(own).build())
            .putFields("__results__", Value.newBuilder().setStructValue(own).build())
            .build();
    assertThat(Parameters.of(request, "encoder").struct().getFieldsMap())
        .isEqualTo(
            Map.of(
                "limit", number(2),
                "a__b", number(4),
                "__private", number(5),
                "trailing__", number(6),
                "ranker", Value.newBuilder().setStructValue(own).build()));
    Parameters ranker = Parameters.of(request, "ranker");
    assertThat(ranker.integer("limit", 0, 0, 100)).isEqualTo(3);
    assertThat(Parameters.of(ranker.struct(), "ranker")).as("twice is once").isEqualTo(ranker);
  }

  @Test
  void readsByTypeAndSaysWhatIsWrong() {
    Parameters parameters =
        new Parameters(
            Struct.newBuilder()
                .putFields("text", Value.newBuilder().setStringValue("a").build())
                .putFields("half", number(0.5))
                .putFields("flag", Value.newBuilder().setBoolValue(true).build())
                .putFields("null", Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build())
                .putFields(
                    "list", Value.newBuilder().setListValue(ListValue.getDefaultInstance()).build())
                .build());
    assertThat(parameters.string("text", "b")).isEqualTo("a");
    assertThat(parameters.string("null", "b")).isEqualTo("b");
    assertThat(parameters.bool("flag", false)).isTrue();
    assertThat(parameters.number("half")).contains(0.5);
    assertThatThrownBy(() -> parameters.integer("half", 1, 0, 2))
        .hasMessage("half: 0.5 (expected: a whole number 0..2)");
    assertThatThrownBy(() -> parameters.integer("text", 1, 0, 2))
        .hasMessage("text: \"a\" (expected: a number)");
    assertThatThrownBy(() -> parameters.object("list"))
        .hasMessage("list: a list (expected: an object)");
    assertThatThrownBy(() -> parameters.bool("text", true))
        .hasMessage("text: \"a\" (expected: true or false)");
  }

  private static Value number(double value) {
    return Value.newBuilder().setNumberValue(value).build();
  }
}

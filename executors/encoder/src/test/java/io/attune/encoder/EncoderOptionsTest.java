package io.attune.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.models.ModelStore;
import io.attune.runtime.ExecutorFactory;
import io.attune.runtime.FlowException;
import io.attune.runtime.Parameters;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EncoderOptionsTest {
  private static Struct.Builder with(String key, double value) {
    return Struct.newBuilder().putFields(key, Value.newBuilder().setNumberValue(value).build());
  }

  private static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }

  @Test
  void defaults() {
    EncoderOptions options = EncoderOptions.from(Parameters.EMPTY);
    assertThat(options)
        .isEqualTo(
            new EncoderOptions(
                "all-MiniLM-L6-v2",
                ModelStore.defaultRoot(),
                Runtime.getRuntime().availableProcessors(),
                384,
                64,
                0.1,
                262_144,
                8_388_608,
                0.1,
                "@r",
                LoadOptions.DEFAULT,
                Duration.ZERO));
  }

  @Test
  void readsEveryOption() {
    Struct struct =
        with("version", 3)
            .putAllFields(with("sessions", 5).getFieldsMap())
            .putAllFields(with("token_budget", 100).getFieldsMap())
            .putAllFields(with("batch_size", 7).getFieldsMap())
            .putAllFields(with("max_padding", 0.5).getFieldsMap())
            .putAllFields(with("interactive_queue_tokens", 11).getFieldsMap())
            .putAllFields(with("bulk_queue_tokens", 12).getFieldsMap())
            .putAllFields(with("bulk_share", 0.4).getFieldsMap())
            .putAllFields(with("model_bytes", 3e9).getFieldsMap())
            .putAllFields(with("check_seconds", 9).getFieldsMap())
            .putAllFields(with("slower_at_most", 2.5).getFieldsMap())
            .putAllFields(with("join_seconds", 8).getFieldsMap())
            .putAllFields(with("admin_port", 0).getFieldsMap())
            .putFields("model", text("mine"))
            .putFields("store", text("somewhere"))
            .putFields("traversal_paths", text("@c"))
            .build();
    assertThat(EncoderOptions.from(new Parameters(struct)))
        .isEqualTo(
            new EncoderOptions(
                "mine@3",
                Path.of("somewhere"),
                5,
                100,
                7,
                0.5,
                11,
                12,
                0.4,
                "@c",
                new LoadOptions(3_000_000_000L, Duration.ofSeconds(9), 2.5),
                Duration.ofSeconds(8)));
  }

  @Test
  void waitsForACoordinatorThatIsNamed() {
    Struct named = with("admin_port", 0).putFields("coordinator", text("first:54334")).build();
    assertThat(EncoderOptions.from(new Parameters(named)).join()).isEqualTo(Duration.ofMinutes(1));
    Struct never = named.toBuilder().putAllFields(with("join_seconds", 0).getFieldsMap()).build();
    assertThat(EncoderOptions.from(new Parameters(never)).join()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "sessions, 0, 1..256",
    "sessions, 257, 1..256",
    "token_budget, 0, 1..1000000",
    "batch_size, 5000, 1..4096",
    "max_padding, 1.5, 0..1",
    "max_padding, -0.1, 0..1",
    "bulk_share, 2, 0..1",
    "interactive_queue_tokens, 0, 1..100000000",
    "bulk_queue_tokens, 0.5, 1..100000000",
    "version, 0, 1..999999999",
    "model_bytes, -1, 0..",
    "check_seconds, 0, 1..3600",
    "slower_at_most, 0.5, 1..1000",
    "join_seconds, 3601, 0..3600"
  })
  void refusesWhatIsOutOfRange(String key, double value, String expected) {
    assertThatThrownBy(() -> EncoderOptions.from(new Parameters(with(key, value).build())))
        .isInstanceOf(FlowException.class)
        .hasMessageStartingWith(key + ": ")
        .hasMessageContaining(expected);
  }

  @Test
  void refusesUnknownOptionsAndTwoVersions() {
    assertThatThrownBy(() -> EncoderOptions.from(new Parameters(with("sesions", 1).build())))
        .hasMessageStartingWith(
            "Encoder: sesions (expected: one of [admin_host, admin_port, admin_token, advertise,");
    Struct two = with("version", 1).putFields("model", text("m@2")).build();
    assertThatThrownBy(() -> EncoderOptions.from(new Parameters(two)))
        .hasMessage("version: 1 beside model m@2 (expected: one of the two)");
    Struct blank = Struct.newBuilder().putFields("model", text(" ")).build();
    assertThatThrownBy(() -> EncoderOptions.from(new Parameters(blank)))
        .isInstanceOf(FlowException.class);
  }

  @Test
  void isFoundByName() {
    assertThat(ServiceLoader.load(ExecutorFactory.class))
        .extracting(ExecutorFactory::name)
        .contains("Encoder");
  }
}

package io.attune.runtime.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.proto.jina.DataRequestProto;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.ExecutorFactory;
import io.attune.runtime.Parameters;
import io.attune.runtime.testing.EchoExecutor;
import io.attune.runtime.testing.Requests;
import io.attune.runtime.testing.TestServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExecutorRegistryTest {
  private static final Struct QUESTION =
      Struct.newBuilder().putFields("mark", Value.newBuilder().setStringValue("?").build()).build();

  @ParameterizedTest
  @CsvSource({"Exclaim", "io.attune.runtime.registry.ExclaimFactory"})
  void findsAndMakesWhatUsesNames(String uses) {
    ExecutorContext context =
        new ExecutorContext(
            "executor0", new Parameters(QUESTION), Path.of("unused"), new SimpleMeterRegistry());
    try (TestServer server =
        TestServer.of(ExecutorRegistry.load().create(uses, context), context)) {
      Struct twice =
          Struct.newBuilder()
              .putFields("times", Value.newBuilder().setNumberValue(2).build())
              .build();
      DataRequestProto request = Requests.with(Requests.of("/exclaim", "really"), twice);
      assertThat(Requests.documents(server.single().processSingleData(request)))
          .extracting(Document::text)
          .containsExactly("really??");
    }
  }

  @Test
  void saysWhatExistsAndWhatIsNearest() {
    assertThatThrownBy(() -> ExecutorRegistry.load().find("Exlcaim"))
        .hasMessageStartingWith("uses: Exlcaim (expected: one of Exclaim, did you mean Exclaim?)")
        .hasMessageContaining("; could not be loaded: ")
        .hasMessageContaining("DoesNotExist");
    assertThatThrownBy(() -> ExecutorRegistry.of(new ExclaimFactory()).find("Encoder"))
        .hasMessage("uses: Encoder (expected: one of Exclaim)");
  }

  @Test
  void refusesTwoOfOneName() {
    ExecutorFactory other =
        new ExecutorFactory() {
          @Override
          public String name() {
            return "Exclaim";
          }

          @Override
          public EchoExecutor create(ExecutorContext context) {
            return new EchoExecutor();
          }
        };
    assertThatThrownBy(() -> ExecutorRegistry.of(new ExclaimFactory(), other))
        .hasMessageStartingWith(
            "executor Exclaim: found twice, as io.attune.runtime.registry.Exclaim");
  }

  @ParameterizedTest
  @CsvSource({
    "'', abc, 3",
    "abc, abc, 0",
    "abc, acb, 1",
    "abc, ab, 1",
    "abc, xbc, 1",
    "ab, bca, 3"
  })
  void countsLettersThatDiffer(String a, String b, int expected) {
    assertThat(Spelling.distance(a, b)).isEqualTo(expected);
    assertThat(Spelling.distance(b, a)).isEqualTo(expected);
  }
}

package io.attune.document.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.attune.document.Document;
import io.attune.document.Golden;
import io.attune.document.json.DocumentJson.Unknown;
import io.attune.document.json.DocumentJson.Unset;
import io.attune.proto.docarray.DocumentProto;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;

/// JSON that is damaged: it is refused with its place, or read as documents that can be written.
class HostileJsonTest {
  private static final int ROUNDS = 3_000;
  private static final String PIECES = "{}[]:,\"\\0123456789.eE+-tfn uN\u0000\u00ff";

  @Test
  void damageIsRefusedOrRead() {
    byte[] golden = Golden.bytes("json_written.json");
    Random random = new Random(17);
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] damaged = damage(golden, random);
      Unknown unknown = random.nextBoolean() ? Unknown.TAG : Unknown.REFUSE;
      try (JsonParser in =
          DocumentJson.factory().createParser(ObjectReadContext.empty(), damaged)) {
        for (DocumentProto document : DocumentJson.readArray(in, unknown).getDocsList()) {
          write(document);
        }
      } catch (JsonFormatException e) {
        refused++;
        assertThat(e).hasMessageMatching("(?s)line \\d+, column \\d+: .+");
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        fail("round " + round, e);
      }
    }
    assertThat(refused).isBetween(ROUNDS / 3, ROUNDS - 100);
  }

  @Test
  void messagesDoNotEchoLongNames() {
    String name = "x".repeat(40_000);
    for (String json :
        List.of(
            "{\"" + name + "\": 1}",
            "{\"tags\": {\"" + name + "\": {\"" + name + "\": [}}}",
            "{\"scores\": {\"" + name + "\": {\"value\": \"" + name + "\"}}}",
            "{\"text\": " + name + "}")) {
      assertThatThrownBy(() -> DocumentJson.fromJson(json, Unknown.REFUSE))
          .isInstanceOf(JsonFormatException.class)
          .message()
          .hasSizeLessThan(1_000);
    }
  }

  private static void write(DocumentProto document) {
    Document read = Document.from(document);
    try {
      read.tensor();
      read.embedding();
    } catch (IllegalArgumentException _) {
      return; // a tensor as the message on the wire, of another size than its bytes
    }
    String json = DocumentJson.toJson(document, Unset.OMIT);
    assertThat(DocumentJson.fromJson(json, Unknown.REFUSE).getId()).isEqualTo(document.getId());
  }

  private static byte[] damage(byte[] golden, Random random) {
    byte[] damaged =
        random.nextInt(20) == 0
            ? Arrays.copyOf(golden, random.nextInt(golden.length))
            : golden.clone();
    byte[] pieces = PIECES.getBytes(StandardCharsets.ISO_8859_1);
    for (int changes = random.nextInt(3); changes >= 0 && damaged.length > 0; changes--) {
      damaged[random.nextInt(damaged.length)] = pieces[random.nextInt(pieces.length)];
    }
    return damaged;
  }
}

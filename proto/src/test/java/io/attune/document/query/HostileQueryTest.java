package io.attune.document.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.DocumentArray;
import io.attune.document.Golden;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Queries that are damaged, or made to do harm.
class HostileQueryTest {
  @Test
  void damageIsRefusedOrAnswered() throws InvalidProtocolBufferException {
    List<Value> golden = ListValue.parseFrom(Golden.bytes("queries.bin")).getValuesList();
    DocumentArray documents = DocumentArray.of(Golden.array("query_documents.bin").subList(0, 20));
    Random random = new Random(23);
    int refused = 0;
    int answered = 0;
    for (int round = 0; round < 5_000; round++) {
      byte[] damaged =
          golden
              .get(random.nextInt(golden.size()))
              .getStructValue()
              .getFieldsOrThrow("query")
              .toByteArray();
      for (int changes = random.nextInt(3); changes >= 0; changes--) {
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        Query query = Query.parse(Value.parseFrom(damaged));
        documents.forEach(query::matches);
        answered++;
      } catch (InvalidProtocolBufferException | QueryException _) {
        refused++;
      } catch (RuntimeException | StackOverflowError e) {
        fail("round %d: %s".formatted(round, Arrays.toString(damaged)), e);
      }
    }
    assertThat(refused).isGreaterThan(100);
    assertThat(answered).isGreaterThan(100);
  }

  @Test
  void refusesDeepNestingWideClausesAndLongLists() {
    Value query = Values.of(Queries.struct("text", "$eq", Values.of("a")));
    for (int i = 0; i < 5_000; i++) {
      query = Values.of(Queries.struct("$not", query));
    }
    Struct deep = query.getStructValue();
    assertThatThrownBy(() -> Query.parse(deep))
        .isInstanceOf(QueryException.class)
        .hasMessageContaining("nested deeper than 32");

    Value clause = Values.of(Queries.struct("weight", "$gt", Values.of(1)));
    Struct wide = Queries.struct("$or", Queries.list(Collections.nCopies(100_000, clause)));
    assertThatThrownBy(() -> Query.parse(wide)).isInstanceOf(QueryException.class);

    Value number = Values.of(1);
    Struct listed =
        Queries.struct("weight", "$in", Queries.list(Collections.nCopies(100_000, number)));
    assertThatThrownBy(() -> Query.parse(listed)).isInstanceOf(QueryException.class);
  }

  @Test
  void messagesDoNotEchoLongValues() {
    String name = "x".repeat(1_000_000);
    assertThatThrownBy(() -> Query.parse(Queries.struct(name, "$eq", Values.of(1))))
        .isInstanceOf(QueryException.class)
        .message()
        .hasSizeLessThan(3_000);
    assertThatThrownBy(() -> Query.parse(Queries.struct("weight", "$" + name, Values.of(1))))
        .isInstanceOf(QueryException.class)
        .message()
        .hasSizeLessThan(3_000);
  }
}

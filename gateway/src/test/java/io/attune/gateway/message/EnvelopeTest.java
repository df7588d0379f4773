package io.attune.gateway.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.proto.docarray.DocumentArrayProto;
import io.attune.proto.jina.DataRequestListProto;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.HeaderProto;
import io.attune.proto.jina.RouteProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeTest {
  private static final DataRequestProto WHOLE = whole();

  @Test
  void readsAllButTheDocuments() throws Exception {
    Envelope envelope = Envelope.parse(WHOLE.toByteString());

    assertThat(envelope.header()).isEqualTo(WHOLE.getHeader());
    assertThat(envelope.parameters()).isEqualTo(WHOLE.getParameters());
    assertThat(envelope.routes()).isEqualTo(WHOLE.getRoutesList());
    assertThat(envelope.toProto()).isEqualTo(WHOLE);
    assertThat(envelope).isEqualTo(Envelope.from(WHOLE));
  }

  @Test
  void writesWhatItRead() throws Exception {
    ByteString written = Envelope.parse(WHOLE.toByteString()).toByteString();

    assertThat(DataRequestProto.parseFrom(written)).isEqualTo(WHOLE);
  }

  @Test
  void keepsPickledDocumentsAndUnknownFieldsBitForBit() throws Exception {
    byte[] pickle = new byte[4096];
    new Random(7).nextBytes(pickle);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeBytes(99, ByteString.copyFromUtf8("before"));
    out.writeMessage(1, HeaderProto.newBuilder().setRequestId("r").build());
    ByteString content =
        DataRequestProto.DataContentProto.newBuilder()
            .setDocsBytes(ByteString.copyFrom(pickle))
            .build()
            .toByteString();
    out.writeBytes(4, content);
    out.writeFixed64(77, 42);
    out.flush();

    Envelope envelope = Envelope.parse(ByteString.copyFrom(bytes.toByteArray()));

    ByteArrayOutputStream kept = new ByteArrayOutputStream();
    CodedOutputStream expected = CodedOutputStream.newInstance(kept);
    expected.writeBytes(99, ByteString.copyFromUtf8("before"));
    expected.writeBytes(4, content);
    expected.writeFixed64(77, 42);
    expected.flush();
    assertThat(envelope.payload()).isEqualTo(ByteString.copyFrom(kept.toByteArray()));
    assertThat(envelope.toProto().getData().getDocsBytes().toByteArray()).isEqualTo(pickle);
    assertThat(envelope.toProto().getUnknownFields().hasField(77)).isTrue();
  }

  @Test
  void mergesRepeatedFieldsAsProtobufDoes() throws Exception {
    DataRequestProto more =
        DataRequestProto.newBuilder()
            .setHeader(HeaderProto.newBuilder().setTargetExecutor("late"))
            .setParameters(
                Struct.newBuilder().putFields("b", Value.newBuilder().setBoolValue(true).build()))
            .addRoutes(RouteProto.newBuilder().setExecutor("second"))
            .setData(
                DataRequestProto.DataContentProto.newBuilder()
                    .setDocsBytes(ByteString.copyFromUtf8("x")))
            .build();
    ByteString both = WHOLE.toByteString().concat(more.toByteString());

    assertThat(Envelope.parse(both).toProto()).isEqualTo(DataRequestProto.parseFrom(both));
  }

  @Test
  void readsWhatProtobufReadsAndRefusesWhatItRefuses() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    byte[] whole = WHOLE.toByteArray();
    for (int round = 0; round < 3000; round++) {
      byte[] mutated = whole.clone();
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
      }
      byte[] cut = Arrays.copyOf(mutated, random.nextInt(mutated.length + 1));
      DataRequestProto expected;
      try {
        expected = DataRequestProto.parseFrom(cut);
      } catch (InvalidProtocolBufferException _) {
        continue; // what is wrong may lie in the documents, which stay unread
      }
      assertThat(Envelope.parse(ByteString.copyFrom(cut)).toProto())
          .as("seed %d round %d", seed, round)
          .isEqualTo(normal(expected));
    }
  }

  /// A header that is always there and parameters that are there if there are any.
  private static DataRequestProto normal(DataRequestProto message) {
    DataRequestProto.Builder normal = message.toBuilder().setHeader(message.getHeader());
    return message.getParameters().getFieldsCount() == 0
        ? normal.clearParameters().build()
        : normal.build();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0a05",
        "0aff",
        "ff",
        "0a02ff01",
        "24",
        "0b",
        "00",
        "0a0a0a08",
        "8080808080808080808080"
      })
  void refusesWhatIsNotAMessage(String hex) {
    assertThatThrownBy(() -> Envelope.parse(ByteString.fromHex(hex)))
        .isInstanceOf(InvalidProtocolBufferException.class);
  }

  @Test
  void refusesParametersNestedTooDeeply() throws IOException {
    Struct struct = Struct.getDefaultInstance();
    for (int i = 0; i < 200; i++) {
      struct =
          Struct.newBuilder()
              .putFields("a", Value.newBuilder().setStructValue(struct).build())
              .build();
    }
    byte[] bytes = DataRequestProto.newBuilder().setParameters(struct).build().toByteArray();

    assertThatThrownBy(() -> Envelope.parse(ByteString.copyFrom(bytes)))
        .isInstanceOf(InvalidProtocolBufferException.class);
  }

  @Test
  void writesSeveralRequestsAsAList() throws Exception {
    Envelope second =
        Envelope.of(
            HeaderProto.newBuilder().setRequestId("two").build(), Struct.getDefaultInstance());
    DataRequestListProto message =
        DataRequestListProto.parseFrom(Envelope.joined(List.of(Envelope.from(WHOLE), second)));

    assertThat(message.getRequestsList()).hasSize(2);
    assertThat(message.getRequests(0)).isEqualTo(WHOLE);
    assertThat(message.getRequests(1).getHeader().getRequestId()).isEqualTo("two");
  }

  private static DataRequestProto whole() {
    return DataRequestProto.newBuilder()
        .setHeader(
            HeaderProto.newBuilder()
                .setRequestId("0123456789abcdef0123456789abcdef")
                .setExecEndpoint("/search")
                .setTargetExecutor("enc.*")
                .setTimeout(5))
        .setParameters(
            Struct.newBuilder().putFields("limit", Value.newBuilder().setNumberValue(5).build()))
        .addRoutes(RouteProto.newBuilder().setExecutor("gateway"))
        .setData(
            DataRequestProto.DataContentProto.newBuilder()
                .setDocs(
                    DocumentArrayProto.newBuilder()
                        .addDocs(Document.ofText("hello").tag("n", 5).toProto())))
        .build();
  }
}

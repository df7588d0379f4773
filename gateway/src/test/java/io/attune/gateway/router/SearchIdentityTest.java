package io.attune.gateway.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.gateway.message.Envelope;
import io.attune.proto.jina.DataRequestProto;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.testing.Requests;
import io.grpc.Metadata;
import java.util.List;
import org.junit.jupiter.api.Test;

class SearchIdentityTest {
  private static String of(DataRequestProto request, String session) {
    CallMetadata said = new CallMetadata(List.of(), null, false, 0, session);
    return SearchIdentity.of(new Inbound(Envelope.from(request), said, new Metadata()));
  }

  private static DataRequestProto asking(Document... queries) {
    return Requests.of("/search", DocumentArray.of(queries));
  }

  private static DataRequestProto with(DataRequestProto request, Value session) {
    return Requests.with(request, Struct.newBuilder().putFields("session", session).build());
  }

  @Test
  void isThatOfTheQueryWhateverItsId() {
    DataRequestProto one = asking(Document.ofText("parcel").id("1").tag("x", true));
    DataRequestProto same = asking(Document.ofText("parcel").id("2"));
    assertThat(of(one, "")).isEqualTo(of(same, ""));
    assertThat(of(one, "")).isNotEqualTo(of(asking(Document.ofText("parcels")), ""));
    assertThat(of(one, ""))
        .isNotEqualTo(of(asking(Document.ofText("parcel"), Document.ofText("b")), ""));
  }

  @Test
  void isThatOfTheSessionWhateverTheQuery() {
    DataRequestProto one = asking(Document.ofText("parcel"));
    DataRequestProto two = asking(Document.ofText("refund"));
    assertThat(of(one, "ann")).isEqualTo(of(two, "ann")).isNotEqualTo(of(one, "bob"));
    Value ann = Value.newBuilder().setStringValue("ann").build();
    assertThat(of(with(one, ann), "bob")).isEqualTo(of(two, "ann"));
    Value seven = Value.newBuilder().setNumberValue(7).build();
    assertThat(of(with(one, seven), "")).isEqualTo(of(with(two, seven), ""));
  }

  @Test
  void isThatOfTheBytesWhereDocumentsCannotBeRead() {
    DataRequestProto one = RouterHarness.pickled(asking(), "pickle");
    DataRequestProto same = RouterHarness.pickled(asking(), "pickle");
    DataRequestProto other = RouterHarness.pickled(asking(), "pickles");
    assertThat(of(one, "")).isEqualTo(of(same, "")).isNotEqualTo(of(other, ""));
  }
}

package io.attune.gateway.router;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.attune.document.DocumentArray;
import io.attune.gateway.message.Envelope;
import io.attune.proto.docarray.DocumentProto;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.DataRequestProto.DataContentProto;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.util.ArrayList;
import java.util.List;

/// Merges the parts that meet at a joiner, by Jina's rule: the left-most is the base, documents
/// with new ids are appended, of known ids only unset fields are filled in.
///
/// The only place of the gateway that looks into documents on the gRPC path, and only where the
/// parts differ.
final class Merger {
  private Merger() {}

  /// One request of the parts.
  ///
  /// @throws FlowException where the parts differ and their documents cannot be read
  static Envelope merge(List<Envelope> parts) {
    Envelope base = parts.getFirst();
    List<ByteString> different = new ArrayList<>();
    for (Envelope part : parts) {
      if (!part.payload().isEmpty() && !different.contains(part.payload())) {
        different.add(part.payload());
      }
    }
    if (different.isEmpty()) {
      return base;
    }
    if (different.size() == 1) {
      return base.withPayload(different.getFirst());
    }
    DocumentArray merged = documents(different.getFirst());
    for (ByteString payload : different.subList(1, different.size())) {
      merged.merge(documents(payload));
    }
    DataContentProto data = DataContentProto.newBuilder().setDocs(merged.toProto()).build();
    return base.withPayload(DataRequestProto.newBuilder().setData(data).build().toByteString());
  }

  private static DocumentArray documents(ByteString payload) {
    DataContentProto data;
    try {
      data = DataRequestProto.parseFrom(payload).getData();
    } catch (InvalidProtocolBufferException e) {
      throw new FlowException(
          ErrorCode.INVALID_ARGUMENT,
          "documents: %s (expected: docarray's v1 messages where branches are merged)"
              .formatted(e.getMessage()),
          e);
    }
    if (data.hasDocsBytes()) {
      throw FlowException.invalid(
          "docs_bytes: branches of pickled documents (expected: docs, which can be merged, or "
              + "disable_reduce on the joining executor)");
    }
    for (DocumentProto document : data.getDocs().getDocsList()) {
      if (looksLikeSecondVersion(document)) {
        throw FlowException.invalid(
            "documents: of docarray 0.30 or newer (expected: docarray's v1 messages where branches"
                + " are merged, or disable_reduce on the joining executor)");
      }
    }
    return DocumentArray.from(data.getDocs());
  }

  /// Whether a message is the other format's, in which field 1 is a map: its entries start with the
  /// tag of their key, a line feed, and an id never does.
  private static boolean looksLikeSecondVersion(DocumentProto document) {
    return document.getId().startsWith("\n") || document.getId().startsWith("\u0012");
  }
}

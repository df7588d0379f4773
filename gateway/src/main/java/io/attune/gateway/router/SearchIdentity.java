package io.attune.gateway.router;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Value;
import io.attune.proto.docarray.DocumentProto;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.DataRequestProto.DataContentProto;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Whose or which search a request is: the same for the same person, or else for the same query.
///
/// A session is named by the parameter `session` (text or a number) or by the header
/// `x-attune-session`, the parameter first. Without one, what the documents hold counts: content,
/// URI, embedding and chunks, but not ids, which are new in every request, nor parameters.
/// Documents that this gateway cannot read, such as pickled ones, count byte for byte.
final class SearchIdentity {
  private static final String SESSION = "session";

  private SearchIdentity() {}

  static String of(Inbound inbound) {
    Value named =
        inbound.request().parameters().getFieldsOrDefault(SESSION, Value.getDefaultInstance());
    return switch (named.getKindCase()) {
      case STRING_VALUE -> SESSION + " " + named.getStringValue();
      case NUMBER_VALUE -> SESSION + " " + named.getNumberValue();
      case NULL_VALUE, BOOL_VALUE, STRUCT_VALUE, LIST_VALUE, KIND_NOT_SET ->
          inbound.said().session().isEmpty()
              ? "query " + digest(inbound.request().payload())
              : SESSION + " " + inbound.said().session();
    };
  }

  private static String digest(ByteString payload) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      content(payload).asReadOnlyByteBufferList().forEach(digest::update);
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // every Java has it
    }
  }

  private static ByteString content(ByteString payload) {
    DataContentProto data;
    try {
      data = DataRequestProto.parseFrom(payload).getData();
    } catch (InvalidProtocolBufferException _) {
      return payload;
    }
    if (data.hasDocsBytes()) {
      return data.getDocsBytes();
    }
    ByteString content = ByteString.EMPTY;
    for (DocumentProto document : data.getDocs().getDocsList()) {
      content = content.concat(content(document).toByteString());
    }
    return content.isEmpty() ? payload : content;
  }

  private static DocumentProto content(DocumentProto document) {
    DocumentProto.Builder content = DocumentProto.newBuilder().setUri(document.getUri());
    switch (document.getContentCase()) {
      case TEXT -> content.setText(document.getText());
      case BLOB -> content.setBlob(document.getBlob());
      case TENSOR -> content.setTensor(document.getTensor());
      case CONTENT_NOT_SET -> {}
    }
    if (document.hasEmbedding()) {
      content.setEmbedding(document.getEmbedding());
    }
    document.getChunksList().forEach(chunk -> content.addChunks(content(chunk)));
    return content.build();
  }
}

package io.attune.gateway.message;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/// Several requests in one message, a `DataRequestListProto`: one for each parent of a joiner that
/// does not reduce.
///
/// @param requests the requests in the order of the joiner's `needs`
public record EnvelopeList(List<Envelope> requests) {
  private static final int REQUESTS = 1 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;

  public EnvelopeList {
    requests = List.copyOf(requests);
  }

  /// The serialised message.
  InputStream stream() {
    ByteString message = ByteString.EMPTY;
    try {
      for (Envelope request : requests) {
        ByteArrayOutputStream before = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(before);
        out.writeUInt32NoTag(REQUESTS);
        out.writeUInt32NoTag(request.serializedSize());
        out.flush();
        request.head().writeTo(before);
        message =
            message.concat(ByteString.copyFrom(before.toByteArray())).concat(request.payload());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return message.newInput();
  }
}

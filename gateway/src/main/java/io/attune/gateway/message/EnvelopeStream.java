package io.attune.gateway.message;

import com.google.protobuf.ByteString;
import io.attune.proto.jina.DataRequestProtoWoData;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/// A serialised envelope on its way into a transport, which drains it without a copy in between.
final class EnvelopeStream extends InputStream implements Drainable, KnownLength {
  private final ByteString payload;
  private @Nullable DataRequestProtoWoData head;
  private @Nullable InputStream rest;

  EnvelopeStream(Envelope envelope) {
    this.head = envelope.head();
    this.payload = envelope.payload();
  }

  @Override
  public int drainTo(OutputStream out) throws IOException {
    DataRequestProtoWoData unread = head;
    if (unread == null) {
      return (int) stream().transferTo(out);
    }
    int size = available();
    unread.writeTo(out);
    payload.writeTo(out);
    head = null;
    rest = InputStream.nullInputStream();
    return size;
  }

  @Override
  public int available() throws IOException {
    DataRequestProtoWoData unread = head;
    return unread == null ? stream().available() : unread.getSerializedSize() + payload.size();
  }

  @Override
  public int read() throws IOException {
    return stream().read();
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    return stream().read(bytes, offset, length);
  }

  private InputStream stream() {
    InputStream stream = rest;
    if (stream == null) {
      DataRequestProtoWoData unread = head;
      ByteString first = unread == null ? ByteString.EMPTY : unread.toByteString();
      stream = first.concat(payload).newInput();
      rest = stream;
      head = null;
    }
    return stream;
  }
}

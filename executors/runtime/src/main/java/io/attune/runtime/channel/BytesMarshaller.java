package io.attune.runtime.channel;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/// A message as its bytes: one copy out of the transport, none into it beyond the transport's own,
/// none at all between callers of the same JVM that both keep messages as bytes.
enum BytesMarshaller implements Marshaller<ByteString> {
  INSTANCE;

  @Override
  public InputStream stream(ByteString message) {
    return new BytesStream(message);
  }

  @Override
  public ByteString parse(InputStream stream) {
    if (stream instanceof BytesStream ours && !ours.read) {
      return ours.message;
    }
    try {
      if (stream instanceof KnownLength) {
        int size = stream.available();
        if (stream instanceof Drainable drainable) {
          ByteString.Output output = ByteString.newOutput(size);
          drainable.drainTo(output);
          return output.toByteString();
        }
        return UnsafeByteOperations.unsafeWrap(stream.readNBytes(size));
      }
      return UnsafeByteOperations.unsafeWrap(stream.readAllBytes());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static final class BytesStream extends FilterInputStream
      implements KnownLength, Drainable {
    private final ByteString message;
    private boolean read;

    BytesStream(ByteString message) {
      super(message.newInput());
      this.message = message;
    }

    @Override
    public int read() throws IOException {
      read = true;
      return super.read();
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      read = true;
      return super.read(target, offset, length);
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      if (read) {
        return (int) transferTo(target);
      }
      read = true;
      message.writeTo(target);
      in = InputStream.nullInputStream();
      return message.size();
    }
  }
}

package io.attune.gateway.message;

import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/// How messages enter and leave a gRPC transport: in as bytes, so that a malformed message is the
/// failure of one request and not of its stream, out as envelopes.
public final class Wire {
  /// Bytes, as they are.
  public static final Marshaller<byte[]> BYTES =
      new Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          return bytes(stream);
        }
      };

  /// Envelopes; used for writing only.
  public static final Marshaller<Envelope> ENVELOPE =
      new Marshaller<>() {
        @Override
        public InputStream stream(Envelope value) {
          return new EnvelopeStream(value);
        }

        @Override
        public Envelope parse(InputStream stream) {
          throw new UnsupportedOperationException("envelopes are written only");
        }
      };

  /// Several envelopes in one message; used for writing only.
  public static final Marshaller<EnvelopeList> ENVELOPES =
      new Marshaller<>() {
        @Override
        public InputStream stream(EnvelopeList value) {
          return value.stream();
        }

        @Override
        public EnvelopeList parse(InputStream stream) {
          throw new UnsupportedOperationException("envelopes are written only");
        }
      };

  private Wire() {}

  private static byte[] bytes(InputStream stream) {
    try {
      if (stream instanceof KnownLength) {
        byte[] bytes = new byte[stream.available()];
        if (stream.readNBytes(bytes, 0, bytes.length) == bytes.length && stream.read() < 0) {
          return bytes;
        }
        throw new IOException("the message's length is not the announced one");
      }
      return stream.readAllBytes();
    } catch (IOException e) {
      throw Status.INTERNAL
          .withDescription("message could not be read")
          .withCause(e)
          .asRuntimeException();
    }
  }
}

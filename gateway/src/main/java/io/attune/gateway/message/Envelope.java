package io.attune.gateway.message;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.WireFormat;
import io.attune.proto.jina.DataRequestListProto;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.DataRequestProtoWoData;
import io.attune.proto.jina.HeaderProto;
import io.attune.proto.jina.RouteProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/// A `DataRequestProto` whose documents stay unread.
///
/// Field 4 and every field this version does not know are kept as the bytes they came in, tags
/// included, so that both document formats of Jina 3, pickled `docs_bytes` and fields of a newer
/// peer pass through unchanged. Reading copies none of them: [#payload] is a slice of the message.
///
/// @param header the header
/// @param parameters the parameters
/// @param routes the hops so far
/// @param payload field 4 and the unknown fields, in wire format; empty where there are none
public record Envelope(
    HeaderProto header, Struct parameters, List<RouteProto> routes, ByteString payload) {
  private static final int HEADER = tag(DataRequestProto.HEADER_FIELD_NUMBER);
  private static final int PARAMETERS = tag(DataRequestProto.PARAMETERS_FIELD_NUMBER);
  private static final int ROUTES = tag(DataRequestProto.ROUTES_FIELD_NUMBER);

  public Envelope {
    routes = List.copyOf(routes);
  }

  /// An envelope without routes and documents.
  public static Envelope of(HeaderProto header, Struct parameters) {
    return new Envelope(header, parameters, List.of(), ByteString.EMPTY);
  }

  /// The envelope of a message.
  public static Envelope from(DataRequestProto message) {
    ByteString payload =
        message.toBuilder().clearHeader().clearParameters().clearRoutes().build().toByteString();
    return new Envelope(
        message.getHeader(), message.getParameters(), message.getRoutesList(), payload);
  }

  /// Reads a serialised `DataRequestProto`.
  ///
  /// @throws InvalidProtocolBufferException where it is not one, as far as it is read
  public static Envelope parse(ByteString message) throws InvalidProtocolBufferException {
    try {
      return new Reader(message).read();
    } catch (InvalidProtocolBufferException e) {
      throw e;
    } catch (IOException e) {
      throw new InvalidProtocolBufferException(e);
    }
  }

  /// The whole message, documents read.
  ///
  /// @throws InvalidProtocolBufferException where the documents are not docarray's v1 messages
  public DataRequestProto toProto() throws InvalidProtocolBufferException {
    DataRequestProto.Builder whole = DataRequestProto.parseFrom(payload).toBuilder();
    if (parameters.getFieldsCount() > 0) {
      whole.setParameters(parameters);
    }
    return whole.setHeader(header).addAllRoutes(routes).build();
  }

  /// The same request with another header.
  public Envelope withHeader(HeaderProto replacement) {
    return new Envelope(replacement, parameters, routes, payload);
  }

  /// The same request with other parameters.
  public Envelope withParameters(Struct replacement) {
    return new Envelope(header, replacement, routes, payload);
  }

  /// The same request with other routes.
  public Envelope withRoutes(List<RouteProto> replacement) {
    return new Envelope(header, parameters, replacement, payload);
  }

  /// The same request with another payload, in wire format.
  public Envelope withPayload(ByteString replacement) {
    return new Envelope(header, parameters, routes, replacement);
  }

  /// The serialised message; the payload is not copied.
  public ByteString toByteString() {
    DataRequestProtoWoData.Builder head = DataRequestProtoWoData.newBuilder().setHeader(header);
    if (parameters.getFieldsCount() > 0) {
      head.setParameters(parameters);
    }
    return head.addAllRoutes(routes).build().toByteString().concat(payload);
  }

  /// Several requests in one serialised `DataRequestListProto`: one for each parent of a joiner
  /// that does not reduce.
  public static ByteString joined(List<Envelope> requests) {
    ByteString message = ByteString.EMPTY;
    for (Envelope request : requests) {
      ByteString body = request.toByteString();
      message = message.concat(listed(body.size())).concat(body);
    }
    return message;
  }

  private static ByteString listed(int size) {
    ByteString.Output before = ByteString.newOutput(6);
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(before);
      out.writeUInt32NoTag(tag(DataRequestListProto.REQUESTS_FIELD_NUMBER));
      out.writeUInt32NoTag(size);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return before.toByteString();
  }

  private static int tag(int field) {
    return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }

  /// One pass over a message.
  private static final class Reader {
    private final ByteString message;
    private final CodedInputStream in;
    private final List<RouteProto> routes = new ArrayList<>(2);
    private HeaderProto header = HeaderProto.getDefaultInstance();
    private Struct parameters = Struct.getDefaultInstance();
    private ByteString payload = ByteString.EMPTY;

    Reader(ByteString message) {
      this.message = message;
      this.in = message.newCodedInput();
    }

    Envelope read() throws IOException {
      ExtensionRegistryLite none = ExtensionRegistryLite.getEmptyRegistry();
      while (true) {
        int start = in.getTotalBytesRead();
        int tag = in.readTag();
        if (tag == 0) {
          return new Envelope(header, parameters, routes, payload);
        } else if (tag == HEADER) {
          header = merged(header, in.readMessage(HeaderProto.parser(), none));
        } else if (tag == PARAMETERS) {
          parameters = merged(parameters, in.readMessage(Struct.parser(), none));
        } else if (tag == ROUTES) {
          routes.add(in.readMessage(RouteProto.parser(), none));
        } else {
          keep(start, tag);
        }
      }
    }

    private void keep(int start, int tag) throws IOException {
      if (!in.skipField(tag)) {
        throw new InvalidProtocolBufferException("end of a group that did not begin");
      }
      ByteString field = message.substring(start, in.getTotalBytesRead());
      payload = payload.isEmpty() ? field : payload.concat(field);
    }

    private static HeaderProto merged(HeaderProto before, HeaderProto next) {
      return before.equals(HeaderProto.getDefaultInstance())
          ? next
          : before.toBuilder().mergeFrom(next).build();
    }

    private static Struct merged(Struct before, Struct next) {
      return before.getFieldsCount() == 0 ? next : before.toBuilder().mergeFrom(next).build();
    }
  }
}

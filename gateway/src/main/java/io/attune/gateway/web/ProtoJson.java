package io.attune.gateway.web;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;

/// Messages as JSON, by protobuf's own mapping: names in camelCase, also read in snake_case; what
/// is not set is left out.
final class ProtoJson {
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().omittingInsignificantWhitespace();
  private static final JsonFormat.Parser PARSER = JsonFormat.parser();

  private ProtoJson() {}

  static String text(Message message) throws IOException {
    return PRINTER.print(message);
  }

  /// Reads a body; an empty one says nothing.
  ///
  /// @throws InvalidProtocolBufferException naming what is wrong
  static void read(String body, Message.Builder into) throws InvalidProtocolBufferException {
    if (!body.isBlank()) {
      PARSER.merge(body, into);
    }
  }
}

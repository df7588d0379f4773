package io.attune.document.json;

import io.attune.proto.docarray.DocumentArrayProto;
import io.attune.proto.docarray.DocumentProto;
import java.io.StringWriter;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;

/// Documents as JSON, in the shape of Jina's HTTP gateway and of docarray's `to_json`.
///
/// Keys are those of the wire in snake_case, in docarray's order: `id, parent_id, granularity,
/// adjacency, blob, tensor, mime_type, text, weight, uri, tags, offset, location, embedding,
/// modality, evaluations, scores, chunks, matches` and, only where it is set, `_metadata`. A blob
/// is base64, a tensor nested lists, numbers in tags are floats, unset is null (or left out).
///
/// On reading, camelCase keys are taken as well, null is unset, a tensor may also be an object as
/// the message on the wire (`dense`, `cls_name`), `content` is a name for text, and a document
/// without an id gets a fresh one.
public final class DocumentJson {
  /// How deep chunks and matches may nest; together with the tags it stays below the 100 messages
  /// at which protobuf refuses to parse.
  public static final int MAX_DEPTH = 32;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(200)
                  .maxStringLength(256 << 20)
                  .build())
          .build();

  private DocumentJson() {}

  /// What to write for a field that is not set.
  public enum Unset {
    /// Null, as Jina's HTTP answers.
    NULL,
    /// Nothing, as files.
    OMIT
  }

  /// What to do with a key that no document has.
  public enum Unknown {
    /// Refuse the document.
    REFUSE,
    /// Take it as a tag, as docarray does with the keys of a JSON Lines file.
    TAG
  }

  /// A factory with limits that fit documents: texts of up to 256 MiB, 200 levels.
  public static JsonFactory factory() {
    return FACTORY;
  }

  /// Writes a document as one object.
  public static void write(JsonGenerator out, DocumentProto document, Unset unset) {
    new DocumentJsonWriter(out, unset).document(document);
  }

  /// Writes documents as one list.
  public static void writeArray(JsonGenerator out, Iterable<DocumentProto> documents, Unset unset) {
    DocumentJsonWriter writer = new DocumentJsonWriter(out, unset);
    out.writeStartArray();
    documents.forEach(writer::document);
    out.writeEndArray();
  }

  /// A document as one line of JSON.
  public static String toJson(DocumentProto document, Unset unset) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
      write(out, document, unset);
    }
    return text.toString();
  }

  /// Reads a document; the parser is at the start of an object (or before its first token), and
  /// afterwards at its end.
  ///
  /// @throws JsonFormatException for what is no document, with its place
  public static DocumentProto read(JsonParser in, Unknown unknown) {
    return guarded(
        in,
        parser -> {
          start(parser);
          return new DocumentJsonReader(parser, unknown).document(1);
        });
  }

  /// Reads a list of documents; the parser is at its start (or before its first token), and
  /// afterwards at its end.
  ///
  /// @throws JsonFormatException for what is no list of documents, with its place
  public static DocumentArrayProto readArray(JsonParser in, Unknown unknown) {
    return guarded(
        in,
        parser -> {
          start(parser);
          Tokens.startArray(parser);
          DocumentJsonReader reader = new DocumentJsonReader(parser, unknown);
          DocumentArrayProto.Builder array = DocumentArrayProto.newBuilder();
          while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.addDocs(reader.document(1));
          }
          return array.build();
        });
  }

  /// The document of a text that holds one object and nothing else.
  ///
  /// @throws JsonFormatException for what is no document, with its place
  public static DocumentProto fromJson(String json, Unknown unknown) {
    try (JsonParser in = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      return only(in, unknown);
    }
  }

  /// The document of UTF-8 bytes that hold one object and nothing else.
  ///
  /// @throws JsonFormatException for what is no document, with its place
  public static DocumentProto fromJson(byte[] json, int offset, int length, Unknown unknown) {
    try (JsonParser in = FACTORY.createParser(ObjectReadContext.empty(), json, offset, length)) {
      return only(in, unknown);
    }
  }

  private static DocumentProto only(JsonParser in, Unknown unknown) {
    DocumentProto document = read(in, unknown);
    return guarded(
        in,
        parser -> {
          if (parser.nextToken() != null) {
            throw JsonFormatException.unexpected(parser, "nothing after the document");
          }
          return document;
        });
  }

  private static void start(JsonParser in) {
    if (!in.hasCurrentToken() && in.nextToken() == null) {
      throw JsonFormatException.unexpected(in, "a document");
    }
  }

  private static <T> T guarded(JsonParser in, Function<JsonParser, T> reading) {
    try {
      return reading.apply(in);
    } catch (JacksonIOException e) {
      throw e;
    } catch (JacksonException e) {
      throw JsonFormatException.malformed(e);
    }
  }
}

package io.attune.indexer.filter;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.proto.docarray.DocumentProto;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import org.apache.lucene.document.BinaryPoint;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.NumericUtils;

/// What a filter can look up of a document without reading it.
///
/// All values lie in three Lucene fields, whatever the tags are called, so that a user's tag names
/// cannot make the index grow fields without bound. A value is found by the key of its path, the
/// first 8 bytes of the path's SHA-256:
/// - texts up to 1,000 bytes as the term key + text;
/// - numbers and truths as points of two dimensions, key and value;
/// - what is there, for `$exists`, as the term key.
///
/// A document's own field counts as there if it is not empty or zero, a nested key if it is not
/// null. Elements of lists are not looked up.
public final class FilterFields {
  static final String TEXTS = "filter_texts";
  static final String NUMBERS = "filter_numbers";
  static final String PRESENT = "filter_present";

  /// Longer texts are not looked up.
  static final int MAX_TEXT_BYTES = 1_000;

  /// A document's own texts and numbers that can be looked up; `tags` beside them.
  static final List<String> OWN_TEXTS = List.of("uri", "mime_type", "modality", "parent_id");

  static final List<String> OWN_NUMBERS = List.of("weight", "offset", "granularity", "adjacency");
  static final String TAGS = "tags";
  private static final int MAX_DEPTH = 32;

  private final Document target;

  private FilterFields(Document target) {
    this.target = target;
  }

  /// Adds what can be looked up of a document.
  public static void add(DocumentProto source, Document target) {
    FilterFields fields = new FilterFields(target);
    fields.own("uri", source.getUri());
    fields.own("mime_type", source.getMimeType());
    fields.own("modality", source.getModality());
    fields.own("parent_id", source.getParentId());
    fields.own("weight", source.getWeight());
    fields.own("offset", source.getOffset());
    fields.own("granularity", source.getGranularity());
    fields.own("adjacency", source.getAdjacency());
    if (source.getTags().getFieldsCount() > 0) {
      fields.present(TAGS);
      fields.object(TAGS, source.getTags(), 1);
    }
  }

  private void own(String name, String text) {
    if (!text.isEmpty()) {
      present(name);
      text(name, text);
    }
  }

  private void own(String name, double number) {
    if (number != 0) {
      present(name);
      number(name, number);
    }
  }

  private void object(String path, Struct object, int depth) {
    for (Map.Entry<String, Value> entry : object.getFieldsMap().entrySet()) {
      value(child(path, entry.getKey()), entry.getValue(), depth);
    }
  }

  private void value(String path, Value value, int depth) {
    switch (value.getKindCase()) {
      case STRING_VALUE -> text(path, value.getStringValue());
      case NUMBER_VALUE -> number(path, value.getNumberValue());
      case BOOL_VALUE -> number(path, value.getBoolValue() ? 1 : 0);
      case STRUCT_VALUE -> {
        if (depth < MAX_DEPTH) {
          object(path, value.getStructValue(), depth + 1);
        }
      }
      case LIST_VALUE -> {}
      case NULL_VALUE, KIND_NOT_SET -> {
        return;
      }
    }
    present(path);
  }

  private void text(String path, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= MAX_TEXT_BYTES) {
      target.add(new StringField(TEXTS, term(path, bytes), Field.Store.NO));
    }
  }

  private void number(String path, double number) {
    if (!Double.isNaN(number)) {
      target.add(new BinaryPoint(NUMBERS, key(path), point(number)));
    }
  }

  private void present(String path) {
    target.add(new StringField(PRESENT, new BytesRef(key(path)), Field.Store.NO));
  }

  /// The path of a key below a path; NUL cannot be confused with any `__`.
  static String child(String path, String key) {
    return path.length() + "\0" + path + "\0" + key;
  }

  /// The path of a query's field; null where values are not looked up by it.
  static String path(List<String> parts) {
    String path = parts.getFirst();
    for (String part : parts.subList(1, parts.size())) {
      path = child(path, part);
    }
    return path;
  }

  /// Whether a field's depth is looked up.
  static boolean reaches(List<String> parts) {
    return parts.size() <= MAX_DEPTH;
  }

  static BytesRef term(String path, byte[] text) {
    byte[] key = key(path);
    return new BytesRef(ByteBuffer.allocate(key.length + text.length).put(key).put(text).array());
  }

  static byte[] key(String path) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return java.util.Arrays.copyOf(digest.digest(path.getBytes(StandardCharsets.UTF_8)), 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /// A number as bytes that sort as the number does; -0 as 0.
  static byte[] point(double number) {
    byte[] bytes = new byte[Long.BYTES];
    NumericUtils.longToSortableBytes(NumericUtils.doubleToSortableLong(number + 0.0), bytes, 0);
    return bytes;
  }
}

package io.attune.document;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.proto.docarray.DocumentProto;
import io.attune.proto.docarray.DocumentProto.ContentCase;
import io.attune.proto.docarray.NamedScoreProto;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One item of search: content (text, tensor or blob), an embedding, tags, and nested chunks and
/// matches. A mutable view over [DocumentProto]; not safe for use by several threads at once.
///
/// The three kinds of content exclude each other: setting one clears the others. As on the wire,
/// empty text, zero and an empty list are the same as unset.
///
/// As long as the message has fields: each has its accessors here, and what is more than that is
/// elsewhere.
public final class Document {
  /// How deep chunks and matches may nest: what protobuf parses.
  private static final int MAX_DEPTH = 100;

  private static final SecureRandom RANDOM = new SecureRandom();

  private final DocumentProto.Builder message;
  private @Nullable DocumentArray chunks;
  private @Nullable DocumentArray matches;

  private Document(DocumentProto.Builder message) {
    this.message = message;
  }

  /// An empty document with a fresh id.
  public static Document create() {
    return new Document(DocumentProto.newBuilder().setId(newId()));
  }

  /// A document of a text, with a fresh id.
  public static Document ofText(String text) {
    return create().text(text);
  }

  /// The document of a message; one without an id gets a fresh id, as in docarray.
  public static Document from(DocumentProto message) {
    DocumentProto.Builder builder = message.toBuilder();
    return new Document(message.getId().isEmpty() ? builder.setId(newId()) : builder);
  }

  /// The message, chunks and matches included.
  ///
  /// @throws IllegalStateException if they nest deeper than 100 levels, which no receiver would
  ///   parse; also if a document is among its own chunks or matches
  public DocumentProto toProto() {
    return toProto(0);
  }

  DocumentProto toProto(int depth) {
    if (depth > MAX_DEPTH) {
      throw new IllegalStateException(
          "document %s: nested deeper than %d (expected: at most %2$d levels of chunks and matches)"
              .formatted(id(), MAX_DEPTH));
    }
    DocumentProto.Builder result = message.clone();
    if (chunks != null) {
      result.clearChunks();
      chunks.forEach(chunk -> result.addChunks(chunk.toProto(depth + 1)));
    }
    if (matches != null) {
      result.clearMatches();
      matches.forEach(match -> result.addMatches(match.toProto(depth + 1)));
    }
    return result.build();
  }

  /// The names of the fields that are set, as on the wire and in docarray's order (`id`, `text`,
  /// `tags`, …); programs' own `_metadata` is not among them.
  public List<String> setFields() {
    return Summary.setFields(message, chunkCount(), matchCount());
  }

  /// The name of the Python type that the tensor becomes.
  String tensorType() {
    return hasTensor() ? NdArray.pythonType(message.getTensor()) : "NoneType";
  }

  /// The name of the Python type that the embedding becomes.
  String embeddingType() {
    return hasEmbedding() ? NdArray.pythonType(message.getEmbedding()) : "NoneType";
  }

  /// A deep copy.
  public Document copy() {
    return from(toProto());
  }

  /// A fresh id: 16 random bytes as 32 hex characters.
  public static String newId() {
    byte[] bytes = new byte[16];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  public String id() {
    return message.getId();
  }

  public Document id(String id) {
    message.setId(id);
    return this;
  }

  /// The kind of content that is set.
  public ContentCase contentCase() {
    return message.getContentCase();
  }

  /// The text; empty where the content is not text.
  public String text() {
    return message.getText();
  }

  public Document text(String text) {
    message.setText(text);
    return this;
  }

  /// The blob; empty where the content is not a blob.
  public ByteString blob() {
    return message.getBlob();
  }

  public Document blob(ByteString blob) {
    message.setBlob(blob);
    return this;
  }

  /// Whether there is a tensor, dense or sparse.
  public boolean hasTensor() {
    return message.hasTensor() && !NdArray.isNothing(message.getTensor());
  }

  /// The tensor; a sparse one of scipy becomes dense.
  ///
  /// @throws IllegalArgumentException for a tensor that cannot be read, which passes through
  ///   unharmed until it is asked for
  public Optional<NdArray> tensor() {
    return hasTensor() ? Optional.of(NdArray.from(message.getTensor())) : Optional.empty();
  }

  /// The sizes of the tensor's dimensions, sparse or dense.
  public Optional<int[]> tensorShape() {
    return hasTensor() ? Optional.of(NdArray.shapeOf(message.getTensor())) : Optional.empty();
  }

  public Document tensor(NdArray tensor) {
    message.setTensor(tensor.toProto());
    return this;
  }

  /// The embedding; a sparse one of scipy becomes dense.
  ///
  /// @throws IllegalArgumentException for an embedding that cannot be read, which passes through
  ///   unharmed until it is asked for
  public Optional<NdArray> embedding() {
    return hasEmbedding() ? Optional.of(NdArray.from(message.getEmbedding())) : Optional.empty();
  }

  /// The sizes of the embedding's dimensions, sparse or dense.
  public Optional<int[]> embeddingShape() {
    return hasEmbedding() ? Optional.of(NdArray.shapeOf(message.getEmbedding())) : Optional.empty();
  }

  /// Whether there is an embedding, dense or sparse.
  public boolean hasEmbedding() {
    return message.hasEmbedding() && !NdArray.isNothing(message.getEmbedding());
  }

  /// Sets the embedding, of no known space.
  public Document embedding(NdArray embedding) {
    message.setEmbedding(embedding.toProto());
    SpaceMark.clear(message);
    return this;
  }

  /// Sets the embedding and marks it with its space, in a way that survives hops through Python.
  public Document embedding(NdArray embedding, String space) {
    SpaceMark.write(message, embedding, space);
    message.setEmbedding(embedding.toProto());
    return this;
  }

  /// The space that the embedding is marked with; empty without an embedding, without a mark, or
  /// where the embedding was replaced after it was marked.
  public Optional<String> embeddingSpace() {
    return SpaceMark.read(message);
  }

  /// Removes the embedding and its mark.
  public Document clearEmbedding() {
    message.clearEmbedding();
    SpaceMark.clear(message);
    return this;
  }

  public String uri() {
    return message.getUri();
  }

  public Document uri(String uri) {
    message.setUri(uri);
    return this;
  }

  public String mimeType() {
    return message.getMimeType();
  }

  public Document mimeType(String mimeType) {
    message.setMimeType(mimeType);
    return this;
  }

  public String modality() {
    return message.getModality();
  }

  public Document modality(String modality) {
    message.setModality(modality);
    return this;
  }

  public String parentId() {
    return message.getParentId();
  }

  public Document parentId(String parentId) {
    message.setParentId(parentId);
    return this;
  }

  /// How deep it lies in the chunk tree; 0 for a root.
  public int granularity() {
    return message.getGranularity();
  }

  public Document granularity(int granularity) {
    message.setGranularity(granularity);
    return this;
  }

  /// How deep it lies in the match tree; 0 for a root.
  public int adjacency() {
    return message.getAdjacency();
  }

  public Document adjacency(int adjacency) {
    message.setAdjacency(adjacency);
    return this;
  }

  /// The place in its parent, such as a time or a character index.
  public float offset() {
    return message.getOffset();
  }

  public Document offset(float offset) {
    message.setOffset(offset);
    return this;
  }

  /// The place in its parent, such as the corners of a box.
  public List<Float> location() {
    return message.getLocationList();
  }

  public Document location(List<Float> location) {
    message.clearLocation().addAllLocation(location);
    return this;
  }

  /// What programs keep about the document, `_metadata` on the wire; the mark of the embedding's
  /// space is in it.
  public Struct metadata() {
    return message.getMetadata();
  }

  public float weight() {
    return message.getWeight();
  }

  public Document weight(float weight) {
    message.setWeight(weight);
    return this;
  }

  public Struct tags() {
    return message.getTags();
  }

  public Document tags(Struct tags) {
    message.setTags(tags);
    return this;
  }

  /// The tag of a name, if it is set.
  public Optional<Value> tag(String name) {
    return Optional.ofNullable(message.getTags().getFieldsMap().get(name));
  }

  public Document tag(String name, String value) {
    return tag(name, Value.newBuilder().setStringValue(value).build());
  }

  public Document tag(String name, double value) {
    return tag(name, Value.newBuilder().setNumberValue(value).build());
  }

  public Document tag(String name, boolean value) {
    return tag(name, Value.newBuilder().setBoolValue(value).build());
  }

  public Document tag(String name, Value value) {
    message.getTagsBuilder().putFields(name, value);
    return this;
  }

  /// The scores by name.
  public Map<String, Score> scores() {
    return scores(message.getScoresMap());
  }

  public Document score(String name, Score score) {
    message.putScores(name, toProto(score));
    return this;
  }

  /// The evaluations by name.
  public Map<String, Score> evaluations() {
    return scores(message.getEvaluationsMap());
  }

  public Document evaluation(String name, Score score) {
    message.putEvaluations(name, toProto(score));
    return this;
  }

  /// The chunks; changes to the array change this document. A chunk that is added gets this
  /// document's id as its parent's and the next granularity, as in docarray.
  public DocumentArray chunks() {
    if (chunks == null) {
      chunks = DocumentArray.owned(message.getChunksList(), this::adoptChunk);
    }
    return chunks;
  }

  /// Replaces the chunks.
  public Document chunks(List<Document> replacement) {
    chunks = DocumentArray.owned(List.of(), this::adoptChunk);
    chunks.addAll(replacement);
    return this;
  }

  /// The matches; changes to the array change this document. A match that is added gets the next
  /// adjacency, as in docarray.
  public DocumentArray matches() {
    if (matches == null) {
      matches = DocumentArray.owned(message.getMatchesList(), this::adoptMatch);
    }
    return matches;
  }

  /// Replaces the matches.
  public Document matches(List<Document> replacement) {
    matches = DocumentArray.owned(List.of(), this::adoptMatch);
    matches.addAll(replacement);
    return this;
  }

  private void adoptChunk(Document chunk) {
    chunk.parentId(id()).granularity(granularity() + 1);
  }

  private void adoptMatch(Document match) {
    match.adjacency(adjacency() + 1);
  }

  /// How many chunks there are; cheaper than `chunks().size()`.
  public int chunkCount() {
    return chunks == null ? message.getChunksCount() : chunks.size();
  }

  /// How many matches there are; cheaper than `matches().size()`.
  public int matchCount() {
    return matches == null ? message.getMatchesCount() : matches.size();
  }

  /// Takes over what another version of this document has and this one lacks, as docarray's reduce:
  /// a field that is set here stays; chunks and matches are merged by id, in the order in which
  /// they come, not sorted. Only content of another kind (text here, a blob there) replaces this
  /// one's.
  ///
  /// @return this
  public Document merge(Document other) {
    Merge.fields(message, other.message);
    if (other.chunkCount() > 0) {
      chunks().merge(other.chunks());
    }
    if (other.matchCount() > 0) {
      matches().merge(other.matches());
    }
    return this;
  }

  private static Map<String, Score> scores(Map<String, NamedScoreProto> messages) {
    Map<String, Score> scores = new LinkedHashMap<>();
    messages.forEach((name, score) ->
        scores.put(
            name,
            new Score(
                score.getValue(), score.getOpName(), score.getDescription(), score.getRefId())));
    return scores;
  }

  private static NamedScoreProto toProto(Score score) {
    return NamedScoreProto.newBuilder()
        .setValue(score.value())
        .setOpName(score.opName())
        .setDescription(score.description())
        .setRefId(score.refId())
        .build();
  }

  @Override
  public String toString() {
    return "Document(" + id() + ")";
  }
}

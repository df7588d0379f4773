package io.attune.document;

import io.attune.proto.docarray.DocumentArrayProto;
import io.attune.proto.docarray.DocumentProto;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.RandomAccess;
import java.util.function.Consumer;

/// A mutable list of [Document]s. Not safe for use by several threads at once.
public final class DocumentArray extends AbstractList<Document> implements RandomAccess {
  private final List<Document> documents;
  private final Consumer<Document> adopt;

  private DocumentArray(List<Document> documents) {
    this(documents, document -> {});
  }

  private DocumentArray(List<Document> documents, Consumer<Document> adopt) {
    this.documents = documents;
    this.adopt = adopt;
  }

  /// An array of the given documents, which are not copied.
  public static DocumentArray of(Document... documents) {
    return new DocumentArray(new ArrayList<>(List.of(documents)));
  }

  /// An array of the given documents, which are not copied.
  public static DocumentArray of(Collection<Document> documents) {
    return new DocumentArray(new ArrayList<>(documents));
  }

  /// The array of a message.
  public static DocumentArray from(DocumentArrayProto message) {
    return from(message.getDocsList());
  }

  /// The array of messages.
  public static DocumentArray from(List<DocumentProto> messages) {
    return owned(messages, document -> {});
  }

  /// An array that tells its owner of each document that is added.
  static DocumentArray owned(List<DocumentProto> messages, Consumer<Document> adopt) {
    List<Document> documents = new ArrayList<>(messages.size());
    for (DocumentProto message : messages) {
      documents.add(Document.from(message));
    }
    return new DocumentArray(documents, adopt);
  }

  /// The message.
  public DocumentArrayProto toProto() {
    DocumentArrayProto.Builder message = DocumentArrayProto.newBuilder();
    for (Document document : documents) {
      message.addDocs(document.toProto());
    }
    return message.build();
  }

  /// The first document of an id.
  public Optional<Document> find(String id) {
    return documents.stream().filter(document -> document.id().equals(id)).findFirst();
  }

  /// The arrays that traversal paths lead to, as docarray's `traverse`: of `c`, one array of chunks
  /// for each document. The documents are these, not copies.
  ///
  /// @param paths as [TraversalPaths] reads them, such as `@r,cm`
  /// @throws IllegalArgumentException for paths that cannot be read, with the position
  public List<DocumentArray> traverse(String paths) {
    return TraversalPaths.parse(paths).arrays(this);
  }

  /// A new array of all documents that traversal paths lead to, as docarray's `da['@r,c']`. The
  /// documents are these, not copies.
  ///
  /// @param paths as [TraversalPaths] reads them, such as `@r,cm`
  /// @throws IllegalArgumentException for paths that cannot be read, with the position
  public DocumentArray traverseFlat(String paths) {
    return TraversalPaths.parse(paths).documents(this);
  }

  /// Merges another array into this one, as docarray's `reduce`: a document of a new id is added at
  /// the end, one of a known id is merged into the one that is here ([Document#merge(Document)]).
  /// Nothing is sorted or cut.
  ///
  /// @return this
  public DocumentArray merge(List<Document> other) {
    Map<String, Document> known = new HashMap<>();
    documents.forEach(document -> known.put(document.id(), document));
    for (Document document : other) {
      Document mine = known.putIfAbsent(document.id(), document);
      if (mine == null) {
        add(document);
      } else {
        mine.merge(document);
      }
    }
    return this;
  }

  /// A table of what the array holds, as docarray's `summary()` prints it.
  public String summary() {
    return new Summary(this).toString();
  }

  @Override
  public Document get(int index) {
    return documents.get(index);
  }

  @Override
  public Document set(int index, Document document) {
    adopt.accept(document);
    return documents.set(index, document);
  }

  @Override
  public void add(int index, Document document) {
    adopt.accept(document);
    documents.add(index, document);
  }

  @Override
  public Document remove(int index) {
    return documents.remove(index);
  }

  @Override
  public int size() {
    return documents.size();
  }
}

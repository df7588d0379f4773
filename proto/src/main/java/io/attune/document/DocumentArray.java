package io.attune.document;

import io.attune.proto.docarray.DocumentArrayProto;
import io.attune.proto.docarray.DocumentProto;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.RandomAccess;

/// A mutable list of [Document]s. Not safe for use by several threads at once.
public final class DocumentArray extends AbstractList<Document> implements RandomAccess {
  private final List<Document> documents;

  private DocumentArray(List<Document> documents) {
    this.documents = documents;
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

  static DocumentArray from(List<DocumentProto> messages) {
    List<Document> documents = new ArrayList<>(messages.size());
    for (DocumentProto message : messages) {
      documents.add(Document.from(message));
    }
    return new DocumentArray(documents);
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

  @Override
  public Document get(int index) {
    return documents.get(index);
  }

  @Override
  public Document set(int index, Document document) {
    return documents.set(index, document);
  }

  @Override
  public void add(int index, Document document) {
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

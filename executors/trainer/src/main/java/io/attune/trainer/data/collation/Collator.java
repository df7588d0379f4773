package io.attune.trainer.data.collation;

import io.attune.document.Document;
import io.attune.trainer.data.Batch;
import io.attune.trainer.data.Supervision.Sessions;
import java.util.List;
import java.util.function.IntPredicate;

/// Makes of documents what a model's graph reads, as serving does it.
public interface Collator {
  /// The inputs of documents.
  ///
  /// @param documents one or more
  /// @param isQuery which of them are read as queries, by index; the others are documents
  /// @throws io.attune.runtime.FlowException (INVALID_ARGUMENT) for a document without what the
  ///   model reads, naming it
  default Encoded encode(List<Document> documents, IntPredicate isQuery) {
    return encode(documents, false, isQuery);
  }

  /// The inputs of documents.
  ///
  /// @param again whether they come again, so that what is made of them is worth remembering
  Encoded encode(List<Document> documents, boolean again, IntPredicate isQuery);

  /// A batch's inputs, the batch brought into their order. Anchors of sessions are queries, all
  /// else are documents.
  default EncodedStep encode(int step, Batch batch) {
    IntPredicate isQuery =
        batch.supervision() instanceof Sessions sessions
            ? row -> sessions.roles()[row] == Sessions.ANCHOR
            : _ -> false;
    Encoded encoded = encode(batch.documents(), true, isQuery);
    return new EncodedStep(step, batch.permuted(encoded.order()), encoded.parts());
  }
}

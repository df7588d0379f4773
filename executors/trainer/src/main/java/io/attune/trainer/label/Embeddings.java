package io.attune.trainer.label;

import io.attune.document.Document;
import io.attune.models.StoredModel;
import io.attune.runtime.ModelVersion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The embeddings of documents by one model at a time, those of late kept in memory. Used by one
/// thread.
final class Embeddings implements AutoCloseable {
  private static final int MOST_KEPT = 1 << 14;

  private final Function<StoredModel, Embedder> embedders;
  private final Map<Key, float[]> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, float[]> eldest) {
          return size() > MOST_KEPT;
        }
      };
  private @Nullable Embedder embedder;
  private @Nullable ModelVersion model;

  private record Key(String id, boolean query) {}

  Embeddings(Function<StoredModel, Embedder> embedders) {
    this.embedders = embedders;
  }

  /// Unit rows, one for each document; documents of one id are one.
  float[][] of(StoredModel stored, List<Document> documents, boolean queries) {
    Embedder open = open(stored);
    float[][] rows = new float[documents.size()][];
    List<Document> missing = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < rows.length; i++) {
      float[] row = kept.get(new Key(documents.get(i).id(), queries));
      if (row == null) {
        missing.add(documents.get(i));
        places.add(i);
      } else {
        rows[i] = row;
      }
    }
    float[][] computed = missing.isEmpty() ? new float[0][] : open.embed(missing, queries);
    for (int i = 0; i < computed.length; i++) {
      float[] row = Neighbours.unit(computed[i]);
      rows[places.get(i)] = row;
      kept.put(new Key(missing.get(i).id(), queries), row);
    }
    return rows;
  }

  private Embedder open(StoredModel stored) {
    Embedder open = embedder;
    if (open == null || !Objects.equals(model, stored.id())) {
      close();
      open = embedders.apply(stored);
      embedder = open;
      model = stored.id();
    }
    return open;
  }

  @Override
  public void close() {
    kept.clear();
    if (embedder != null) {
      embedder.close();
      embedder = null;
    }
  }
}

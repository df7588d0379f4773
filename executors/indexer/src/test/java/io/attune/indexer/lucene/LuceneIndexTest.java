package io.attune.indexer.lucene;

import io.attune.indexer.generation.VectorIndex;
import io.attune.indexer.generation.VectorIndexContract;

class LuceneIndexTest extends VectorIndexContract {
  @Override
  protected VectorIndex index() {
    return new LuceneIndex();
  }
}

package io.attune.indexer.lucene;

import io.attune.indexer.generation.GraphOptions;

/// The contract with 8-bit vectors in the graphs.
class QuantizedIndexTest extends LuceneIndexTest {
  @Override
  protected GraphOptions graph() {
    return new GraphOptions(16, 100, true);
  }
}

/// Generations on Lucene's HNSW graphs. Start at [io.attune.indexer.lucene.LuceneIndex].
@NullMarked
package io.attune.indexer.lucene;

import org.jspecify.annotations.NullMarked;

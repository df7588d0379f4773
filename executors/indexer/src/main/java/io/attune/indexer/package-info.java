/// The index: documents by their vectors, durable, filtered, searchable at once. Start at
/// [io.attune.indexer.Indexer], the executor, and [io.attune.indexer.Shard], what it keeps.
@NullMarked
package io.attune.indexer;

import org.jspecify.annotations.NullMarked;

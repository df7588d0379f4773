/// The shard's write-ahead log: what is acknowledged lies here, synced, before the index holds it.
/// Start from [IndexLog].
@NullMarked
package io.attune.indexer.log;

import org.jspecify.annotations.NullMarked;

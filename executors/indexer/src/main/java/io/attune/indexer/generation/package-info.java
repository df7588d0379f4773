/// Generations: an index shard's vectors of one space, behind an engine. Start at
/// [io.attune.indexer.generation.Generation].
@NullMarked
package io.attune.indexer.generation;

import org.jspecify.annotations.NullMarked;

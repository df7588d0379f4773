/// From a batch's documents to what the graph reads, made ahead of the training step. Start at
/// [BatchFeed][io.attune.trainer.data.collation.BatchFeed].
@NullMarked
package io.attune.trainer.data.collation;

import org.jspecify.annotations.NullMarked;

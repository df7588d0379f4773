/// Which pairs and triplets of a batch a loss is computed over: what is known of its items, and the
/// miners that choose. Start at [Miner][io.attune.trainer.miner.Miner].
@NullMarked
package io.attune.trainer.miner;

import org.jspecify.annotations.NullMarked;

/// Losses over a batch of embeddings, and the miners that choose their pairs and triplets. Start at
/// [Loss][io.attune.trainer.loss.Loss].
@NullMarked
package io.attune.trainer.loss;

import org.jspecify.annotations.NullMarked;

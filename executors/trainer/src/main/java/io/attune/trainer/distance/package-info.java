/// Distances and similarities between all items of a batch, with gradients that have no singular
/// points. Start at [Distance][io.attune.trainer.distance.Distance].
@NullMarked
package io.attune.trainer.distance;

import org.jspecify.annotations.NullMarked;

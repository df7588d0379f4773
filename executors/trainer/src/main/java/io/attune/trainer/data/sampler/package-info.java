/// The batches of an epoch, chosen by (seed, epoch) alone. Start at
/// [Sampler][io.attune.trainer.data.sampler.Sampler].
@NullMarked
package io.attune.trainer.data.sampler;

import org.jspecify.annotations.NullMarked;

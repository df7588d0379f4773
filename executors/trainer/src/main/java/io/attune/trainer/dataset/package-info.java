/// Documents that clients sent, kept on disk under names until they are trained on. Start at
/// [Datasets][io.attune.trainer.dataset.Datasets].
@NullMarked
package io.attune.trainer.dataset;

import org.jspecify.annotations.NullMarked;

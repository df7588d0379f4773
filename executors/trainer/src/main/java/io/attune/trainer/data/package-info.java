/// Training data: what is read from people's files, how its items relate, and the batches made of
/// it. Start at [TrainingData][io.attune.trainer.data.TrainingData].
@NullMarked
package io.attune.trainer.data;

import org.jspecify.annotations.NullMarked;

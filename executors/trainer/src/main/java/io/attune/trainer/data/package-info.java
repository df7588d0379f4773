/// Training data: what is read from people's files, and the batches that samplers make of it. Start
/// at [Batch][io.attune.trainer.data.Batch].
@NullMarked
package io.attune.trainer.data;

import org.jspecify.annotations.NullMarked;

/// What the trainer's tests share. Start at [OnnxRuntime][io.attune.trainer.testing.OnnxRuntime],
/// the reference for a graph's values.
@NullMarked
package io.attune.trainer.testing;

import org.jspecify.annotations.NullMarked;

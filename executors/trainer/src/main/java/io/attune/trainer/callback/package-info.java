/// What happens besides training: evaluation, checkpoints, early stopping, metrics. Start at
/// [Callback][io.attune.trainer.callback.Callback].
@NullMarked
package io.attune.trainer.callback;

import org.jspecify.annotations.NullMarked;

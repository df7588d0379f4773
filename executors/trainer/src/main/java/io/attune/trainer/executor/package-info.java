/// The executor `Trainer`: training over a Flow, and the admin port's service `Runs`. Start at
/// [Trainer][io.attune.trainer.executor.Trainer].
@NullMarked
package io.attune.trainer.executor;

import org.jspecify.annotations.NullMarked;

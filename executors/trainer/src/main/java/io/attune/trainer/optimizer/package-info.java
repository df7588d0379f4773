/// How gradients become new weights: update rules, parameter groups, gradient clipping and learning
/// rate schedules. Start at [Optimizer][io.attune.trainer.optimizer.Optimizer], and at
/// [Optimizers][io.attune.trainer.optimizer.Optimizers] and
/// [Schedules][io.attune.trainer.optimizer.Schedules] for those there are.
@NullMarked
package io.attune.trainer.optimizer;

import org.jspecify.annotations.NullMarked;

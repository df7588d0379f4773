/// Runs: what is to be trained, its folder on disk, and the process that trains. Start at
/// [RunStore][io.attune.trainer.run.RunStore] for runs that are there, at
/// [RunConfig][io.attune.trainer.run.RunConfig] for a new one.
@NullMarked
package io.attune.trainer.run;

import org.jspecify.annotations.NullMarked;

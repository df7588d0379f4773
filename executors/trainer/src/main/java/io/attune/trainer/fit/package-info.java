/// The training of one run: model and data as the configuration says, the loop, and the artifact at
/// its end. Start at [GraphTraining][io.attune.trainer.fit.GraphTraining].
@NullMarked
package io.attune.trainer.fit;

import org.jspecify.annotations.NullMarked;

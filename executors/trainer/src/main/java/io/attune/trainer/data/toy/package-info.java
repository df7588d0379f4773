/// The toy data of Finetuner's tutorials. Start at [CovidQa][io.attune.trainer.data.toy.CovidQa].
@NullMarked
package io.attune.trainer.data.toy;

import org.jspecify.annotations.NullMarked;

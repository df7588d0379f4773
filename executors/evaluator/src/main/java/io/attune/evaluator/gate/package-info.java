/// Whether a candidate may take the place of what is live, and when what queries say is no chance.
/// Start at [Gate][io.attune.evaluator.gate.Gate].
@NullMarked
package io.attune.evaluator.gate;

import org.jspecify.annotations.NullMarked;

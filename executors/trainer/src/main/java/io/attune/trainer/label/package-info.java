/// Labelling by hand, one question after the other, while the model learns from the answers: which
/// questions to ask, what to show for them, and the labels. Start at
/// [Labelling][io.attune.trainer.label.Labelling].
@NullMarked
package io.attune.trainer.label;

import org.jspecify.annotations.NullMarked;

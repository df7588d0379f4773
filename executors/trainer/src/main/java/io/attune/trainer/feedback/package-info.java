/// What people say of what they found: the searches that were shown, the judgments on them, and the
/// training data made of both. Start at [Feedback][io.attune.trainer.feedback.Feedback].
@NullMarked
package io.attune.trainer.feedback;

import org.jspecify.annotations.NullMarked;

/// The encoder's part in rollouts: commands, the standing they lead to, and the work between the
/// two. Start at [Participation][io.attune.encoder.rollout.Participation].
@NullMarked
package io.attune.encoder.rollout;

import org.jspecify.annotations.NullMarked;

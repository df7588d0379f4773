/// The coordinator of rollouts, and the gateway's own part in them. Start at
/// [Coordinator][io.attune.gateway.rollout.Coordinator].
@NullMarked
package io.attune.gateway.rollout;

import org.jspecify.annotations.NullMarked;

/// What a coordinator keeps: the live record of each model, and each rollout. Start at
/// [RolloutStore][io.attune.gateway.rollout.record.RolloutStore].
@NullMarked
package io.attune.gateway.rollout.record;

import org.jspecify.annotations.NullMarked;

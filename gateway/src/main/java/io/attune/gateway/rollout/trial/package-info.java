/// What a new version shows before it is live. Start at [io.attune.gateway.rollout.trial.Trial].
@NullMarked
package io.attune.gateway.rollout.trial;

import org.jspecify.annotations.NullMarked;

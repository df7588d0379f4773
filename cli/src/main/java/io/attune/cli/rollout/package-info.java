/// Commands that take a running Flow from one version of a model to another: `attune swap`, `attune
/// rollback`, `attune rollouts`.
@NullMarked
package io.attune.cli.rollout;

import org.jspecify.annotations.NullMarked;

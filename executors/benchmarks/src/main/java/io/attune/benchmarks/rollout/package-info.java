/// What searches notice of a rollout, against how they were before it.
@NullMarked
package io.attune.benchmarks.rollout;

import org.jspecify.annotations.NullMarked;

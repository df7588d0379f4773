/// The place of the trainer; it has no code yet.
@NullMarked
package io.attune.trainer;

import org.jspecify.annotations.NullMarked;

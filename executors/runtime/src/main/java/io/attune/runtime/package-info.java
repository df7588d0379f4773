/// What every executor is. Start at [io.attune.runtime.Executor].
@NullMarked
package io.attune.runtime;

import org.jspecify.annotations.NullMarked;

/// The one batching queue of all executors. Start at [io.attune.runtime.batching.BatchQueue].
@NullMarked
package io.attune.runtime.batching;

import org.jspecify.annotations.NullMarked;

/// Executors by name. Start at [io.attune.runtime.registry.ExecutorRegistry].
@NullMarked
package io.attune.runtime.registry;

import org.jspecify.annotations.NullMarked;

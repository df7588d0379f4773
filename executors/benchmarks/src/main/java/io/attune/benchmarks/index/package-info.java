/// The index benchmark: [io.attune.benchmarks.index.IndexBenchmark].
@NullMarked
package io.attune.benchmarks.index;

import org.jspecify.annotations.NullMarked;

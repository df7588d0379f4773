/// Throughput of the encoder. Start at [io.attune.benchmarks.encode.EncodeBenchmark].
@NullMarked
package io.attune.benchmarks.encode;

import org.jspecify.annotations.NullMarked;

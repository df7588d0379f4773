/// The training benchmark. Start at [TrainBenchmark][io.attune.benchmarks.train.TrainBenchmark].
@NullMarked
package io.attune.benchmarks.train;

import org.jspecify.annotations.NullMarked;

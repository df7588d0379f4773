/// How soon a checkout that is built answers; begins with
/// [io.attune.benchmarks.start.StartBenchmark].
@NullMarked
package io.attune.benchmarks.start;

import org.jspecify.annotations.NullMarked;

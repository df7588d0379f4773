/// JMH and load programs.
@NullMarked
package io.attune.benchmarks;

import org.jspecify.annotations.NullMarked;

/// Metrics with Jina's names and labels. Start at [io.attune.runtime.metrics.JinaMetric].
@NullMarked
package io.attune.runtime.metrics;

import org.jspecify.annotations.NullMarked;

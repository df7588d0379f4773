/// Retrieval metrics over relevance in rank order, with intervals and paired comparison; start with
/// [Evaluation].
@NullMarked
package io.attune.evaluator.metrics;

import org.jspecify.annotations.NullMarked;

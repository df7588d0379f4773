/// The evaluator: scores the matches of queries against ground truth; start with [Evaluator], or
/// with [Relevance] for a library call.
@NullMarked
package io.attune.evaluator;

import org.jspecify.annotations.NullMarked;

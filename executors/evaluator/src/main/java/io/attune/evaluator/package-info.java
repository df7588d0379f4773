/// Retrieval metrics over matches and ground truth.
@NullMarked
package io.attune.evaluator;

import org.jspecify.annotations.NullMarked;

/// Which queries are trained on and which judge, for ever. No executor's part: whoever trains and
/// whoever judges read the same file. Start at [QuerySplit][io.attune.evaluator.split.QuerySplit].
@NullMarked
package io.attune.evaluator.split;

import org.jspecify.annotations.NullMarked;

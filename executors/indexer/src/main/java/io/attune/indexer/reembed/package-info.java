/// What gives documents vectors of another space: start at [io.attune.indexer.reembed.Embedder].
@NullMarked
package io.attune.indexer.reembed;

import org.jspecify.annotations.NullMarked;

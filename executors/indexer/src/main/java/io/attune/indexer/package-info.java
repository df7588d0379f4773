/// The log, generations on Lucene, filters.
@NullMarked
package io.attune.indexer;

import org.jspecify.annotations.NullMarked;

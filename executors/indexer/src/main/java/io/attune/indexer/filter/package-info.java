/// Filters in DocArray's query language as Lucene queries. Start at
/// [io.attune.indexer.filter.FilterQuery].
@NullMarked
package io.attune.indexer.filter;

import org.jspecify.annotations.NullMarked;

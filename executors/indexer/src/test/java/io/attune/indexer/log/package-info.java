@NullMarked
package io.attune.indexer.log;

import org.jspecify.annotations.NullMarked;

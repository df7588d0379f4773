/// DocArray's query language: which documents fit a condition. Start at
/// [io.attune.document.query.Query].
@NullMarked
package io.attune.document.query;

import org.jspecify.annotations.NullMarked;

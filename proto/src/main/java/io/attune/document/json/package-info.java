/// Documents as JSON, in the shape that Jina's HTTP gateway speaks. Start at
/// [io.attune.document.json.DocumentJson].
@NullMarked
package io.attune.document.json;

import org.jspecify.annotations.NullMarked;

/// Documents: a pleasant view of the wire's messages. Start at [io.attune.document.Document].
@NullMarked
package io.attune.document;

import org.jspecify.annotations.NullMarked;

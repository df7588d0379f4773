/// A whole Flow in this process. Start at [io.attune.gateway.embedded.EmbeddedFlow].
@NullMarked
package io.attune.gateway.embedded;

import org.jspecify.annotations.NullMarked;

/// `attune encode`: embeddings without a server.
@NullMarked
package io.attune.cli.encode;

import org.jspecify.annotations.NullMarked;

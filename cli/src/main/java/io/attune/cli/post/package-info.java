/// Commands that send documents to a running Flow: `client`, `index`, `search`, `evaluate`.
@NullMarked
package io.attune.cli.post;

import org.jspecify.annotations.NullMarked;

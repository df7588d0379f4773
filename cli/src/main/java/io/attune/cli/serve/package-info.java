/// Commands that serve until they are told to stop: a Flow, a gateway, an executor.
@NullMarked
package io.attune.cli.serve;

import org.jspecify.annotations.NullMarked;

/// An executor on the network: Jina's services, health, reflection, and the order of stopping.
/// Start at [io.attune.runtime.server.ExecutorServer].
@NullMarked
package io.attune.runtime.server;

import org.jspecify.annotations.NullMarked;

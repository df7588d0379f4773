/// Which executors a request visits, and in which order. Start at
/// [io.attune.gateway.graph.Topology].
@NullMarked
package io.attune.gateway.graph;

import org.jspecify.annotations.NullMarked;

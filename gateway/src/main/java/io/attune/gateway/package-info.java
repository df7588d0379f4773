/// Topology, router, streams; gRPC and web ports.
@NullMarked
package io.attune.gateway;

import org.jspecify.annotations.NullMarked;

/// What a gateway costs a request. Start at [io.attune.benchmarks.gateway.GatewayBenchmark].
@NullMarked
package io.attune.benchmarks.gateway;

import org.jspecify.annotations.NullMarked;

/// A request's way: admission, the plan of its endpoint, stamps, calls along the graph, the merged
/// answer. Start at [io.attune.gateway.router.Router].
@NullMarked
package io.attune.gateway.router;

import org.jspecify.annotations.NullMarked;

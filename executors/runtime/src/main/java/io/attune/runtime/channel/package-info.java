/// The callers' side: channels to executors, with several replicas, tries and time limits.
///
/// Start at [io.attune.runtime.channel.ExecutorChannel]: `call` for messages, `send` for messages
/// that pass as bytes. [io.attune.runtime.channel.RawMethods] has the RPCs with messages as bytes,
/// for a gateway that forwards field 4 without looking into it, on its server's side too.
@NullMarked
package io.attune.runtime.channel;

import org.jspecify.annotations.NullMarked;

/// Requests as the gateway sees them: everything but the documents read, the documents carried as
/// the bytes they came in. Start at [io.attune.gateway.message.Envelope].
@NullMarked
package io.attune.gateway.message;

import org.jspecify.annotations.NullMarked;

/// The one translation between failures and the wire. Start at
/// [io.attune.runtime.error.ErrorBorder] (a server's side) and [io.attune.runtime.error.Failures].
@NullMarked
package io.attune.runtime.error;

import org.jspecify.annotations.NullMarked;

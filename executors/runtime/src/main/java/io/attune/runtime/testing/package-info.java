/// Fakes for tests of executors and of their callers. Start at
/// [io.attune.runtime.testing.TestServer].
@NullMarked
package io.attune.runtime.testing;

import org.jspecify.annotations.NullMarked;

/// What one process at a time may have.
@NullMarked
package io.attune.runtime.lock;

import org.jspecify.annotations.NullMarked;

/// What a process asks of its operating system.
@NullMarked
package io.attune.runtime.process;

import org.jspecify.annotations.NullMarked;

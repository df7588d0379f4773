/// Work in a JVM of its own, which may take its process with it. Start at
/// [ChildJvm][io.attune.models.process.ChildJvm].
@NullMarked
package io.attune.models.process;

import org.jspecify.annotations.NullMarked;

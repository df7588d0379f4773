/// Arrays of the engine made of Java's data, in memory that the engine owns. Start at
/// [EngineArrays][io.attune.trainer.array.EngineArrays].
@NullMarked
package io.attune.trainer.array;

import org.jspecify.annotations.NullMarked;

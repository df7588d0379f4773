/// What survives: processes that are killed, files that are damaged, disks that are full. Start at
/// [io.attune.indexer.durability.KillTest].
@NullMarked
package io.attune.indexer.durability;

import org.jspecify.annotations.NullMarked;

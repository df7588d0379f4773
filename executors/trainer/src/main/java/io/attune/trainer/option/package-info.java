/// Things chosen by name (losses, miners, optimisers, schedules) and their options: what there is,
/// with defaults and ranges, for help and for validation. Start at
/// [Catalog][io.attune.trainer.option.Catalog].
@NullMarked
package io.attune.trainer.option;

import org.jspecify.annotations.NullMarked;

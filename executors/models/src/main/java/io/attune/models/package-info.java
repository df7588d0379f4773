/// Artifacts, the ModelStore, tokenising and collation: what serving and training share. Start at
/// [io.attune.models.ModelStore] for models on disk, at [io.attune.models.OnnxSession] to run one.
@NullMarked
package io.attune.models;

import org.jspecify.annotations.NullMarked;

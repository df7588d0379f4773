/// Artifacts, the ModelStore, tokenising and collation: what serving and training share.
@NullMarked
package io.attune.models;

import org.jspecify.annotations.NullMarked;

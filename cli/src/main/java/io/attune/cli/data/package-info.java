/// The commands `attune data`: training files out of corpora. Start at
/// [DataCommand][io.attune.cli.data.DataCommand].
@NullMarked
package io.attune.cli.data;

import org.jspecify.annotations.NullMarked;

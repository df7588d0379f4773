/// The command `bench`.
@NullMarked
package io.attune.cli.bench;

import org.jspecify.annotations.NullMarked;

/// Commands over the ModelStore.
@NullMarked
package io.attune.cli.models;

import org.jspecify.annotations.NullMarked;

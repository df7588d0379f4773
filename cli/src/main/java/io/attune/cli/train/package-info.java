/// `attune runs`: what was trained, is trained and will be.
@NullMarked
package io.attune.cli.train;

import org.jspecify.annotations.NullMarked;

/// Files from outside: zips unpacked and folders copied within limits, nothing followed out of
/// them. Start at [io.attune.models.archive.ZipArchive].
@NullMarked
package io.attune.models.archive;

import org.jspecify.annotations.NullMarked;

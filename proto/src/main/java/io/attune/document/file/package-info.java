/// Documents in files: JSON Lines, CSV and docarray's binary stream, read and written one document
/// at a time. Start at [io.attune.document.file.DocumentFile].
@NullMarked
package io.attune.document.file;

import org.jspecify.annotations.NullMarked;

/// The admin port: services of `attune.proto` for those who run a Flow. Start at
/// [AdminServer][io.attune.runtime.admin.AdminServer].
@NullMarked
package io.attune.runtime.admin;

import org.jspecify.annotations.NullMarked;

/// Fixtures for tests of what runs models. Start at [io.attune.models.testing.MiniLmGoldens].
@NullMarked
package io.attune.models.testing;

import org.jspecify.annotations.NullMarked;

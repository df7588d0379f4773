/// Flow YAML, records and the checked plan; start with [Flows].
@NullMarked
package io.attune.flows;

import org.jspecify.annotations.NullMarked;

/// Flow YAML, records and the checked plan.
@NullMarked
package io.attune.flows;

import org.jspecify.annotations.NullMarked;

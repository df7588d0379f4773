/// What a Flow's file says, bound to records with defaults; start with [FlowConfig].
@NullMarked
package io.attune.flows.config;

import org.jspecify.annotations.NullMarked;

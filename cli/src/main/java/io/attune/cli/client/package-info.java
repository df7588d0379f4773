/// The client of a Flow. Start at [io.attune.cli.client.FlowClient].
@NullMarked
package io.attune.cli.client;

import org.jspecify.annotations.NullMarked;

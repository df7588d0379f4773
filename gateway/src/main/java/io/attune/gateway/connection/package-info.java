/// How executors are reached. Start at [io.attune.gateway.connection.ExecutorConnection].
@NullMarked
package io.attune.gateway.connection;

import org.jspecify.annotations.NullMarked;

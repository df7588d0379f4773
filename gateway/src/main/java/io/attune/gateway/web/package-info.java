/// The web port: JSON over HTTP in Jina's shape, OpenAPI, metrics. Start at
/// [io.attune.gateway.web.WebPort].
@NullMarked
package io.attune.gateway.web;

import org.jspecify.annotations.NullMarked;

/// The gRPC port. Start at [io.attune.gateway.grpc.GrpcPort].
@NullMarked
package io.attune.gateway.grpc;

import org.jspecify.annotations.NullMarked;

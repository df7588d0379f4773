package io.attune.gateway.rollout;

import com.google.protobuf.Empty;
import io.attune.proto.attune.Lease;
import io.attune.proto.attune.LeaveRequest;
import io.attune.proto.attune.RegisterRequest;
import io.attune.proto.attune.RegistryGrpc;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.Address;
import io.attune.runtime.error.ErrorBorder;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/// The service `Registry`: participants of other processes come, stay and go.
public final class RegistryService extends RegistryGrpc.RegistryImplBase {
  private final Coordinator coordinator;
  private final @Nullable String token;

  /// @param token of the participants' admin ports, the same as this one's; null for none
  public RegistryService(Coordinator coordinator, @Nullable String token) {
    this.coordinator = coordinator;
    this.token = token;
  }

  @Override
  public void register(RegisterRequest request, StreamObserver<Lease> caller) {
    try {
      caller.onNext(coordinator.register(request, token));
      caller.onCompleted();
    } catch (FlowException refused) {
      caller.onError(ErrorBorder.refusal(refused));
    }
  }

  @Override
  public void leave(LeaveRequest request, StreamObserver<Empty> caller) {
    coordinator.members().leave(request.getLease());
    caller.onNext(Empty.getDefaultInstance());
    caller.onCompleted();
  }

  /// Where a participant says it is.
  static Address address(String text) {
    Address address = Address.parse(text);
    if (address.scheme() != Address.Scheme.GRPC) {
      throw FlowException.invalid("address: %s (expected: host:port)".formatted(address));
    }
    return address;
  }
}

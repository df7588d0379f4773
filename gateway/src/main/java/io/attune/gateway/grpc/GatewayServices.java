package io.attune.gateway.grpc;

import com.google.protobuf.Empty;
import io.attune.gateway.graph.Plans;
import io.attune.gateway.router.DryRun;
import io.attune.gateway.router.Router;
import io.attune.proto.jina.EndpointsProto;
import io.attune.proto.jina.JinaDiscoverEndpointsRPCGrpc.JinaDiscoverEndpointsRPCImplBase;
import io.attune.proto.jina.JinaGatewayDryRunRPCGrpc.JinaGatewayDryRunRPCImplBase;
import io.attune.proto.jina.JinaInfoProto;
import io.attune.proto.jina.JinaInfoRPCGrpc.JinaInfoRPCImplBase;
import io.attune.proto.jina.StatusProto;
import io.attune.runtime.Access;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.server.ServerInfo;
import io.grpc.BindableService;
import io.grpc.stub.StreamObserver;
import java.util.List;

/// What a gateway tells about its Flow.
final class GatewayServices {
  private GatewayServices() {}

  static List<BindableService> of(Router router, DryRun dryRun) {
    return List.of(new Discovery(router), new Rehearsal(dryRun), new Information());
  }

  /// The endpoints of all executors that a caller of this port may call.
  private static final class Discovery extends JinaDiscoverEndpointsRPCImplBase {
    private final Router router;

    Discovery(Router router) {
      this.router = router;
    }

    @Override
    public void endpointDiscovery(Empty request, StreamObserver<EndpointsProto> observer) {
      Plans plans = router.plans();
      if (plans == null) {
        observer.onError(
            new FlowException(ErrorCode.UNAVAILABLE, "gateway: executors are not known yet"));
        return;
      }
      EndpointsProto.Builder answer = EndpointsProto.newBuilder();
      plans
          .endpoints()
          .forEach((endpoint, access) -> {
            if (access != Access.ADMIN) {
              answer.addEndpoints(endpoint);
            }
            if (access == Access.WRITE) {
              answer.addWriteEndpoints(endpoint);
            }
          });
      observer.onNext(answer.build());
      observer.onCompleted();
    }
  }

  private static final class Rehearsal extends JinaGatewayDryRunRPCImplBase {
    private final DryRun dryRun;

    Rehearsal(DryRun dryRun) {
      this.dryRun = dryRun;
    }

    @Override
    public void dryRun(Empty request, StreamObserver<StatusProto> observer) {
      dryRun.start(status -> {
        observer.onNext(status);
        observer.onCompleted();
      });
    }
  }

  private static final class Information extends JinaInfoRPCImplBase {
    @Override
    public void _status(Empty request, StreamObserver<JinaInfoProto> observer) {
      observer.onNext(ServerInfo.message());
      observer.onCompleted();
    }
  }
}

package io.attune.runtime.server;

import com.google.protobuf.Empty;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.proto.jina.DataRequestListProto;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.EndpointsProto;
import io.attune.proto.jina.JinaDataRequestRPCGrpc.JinaDataRequestRPCImplBase;
import io.attune.proto.jina.JinaDiscoverEndpointsRPCGrpc.JinaDiscoverEndpointsRPCImplBase;
import io.attune.proto.jina.JinaInfoProto;
import io.attune.proto.jina.JinaInfoRPCGrpc.JinaInfoRPCImplBase;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc.JinaSingleDataRequestRPCImplBase;
import io.attune.runtime.Access;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.error.ErrorBorder;
import io.attune.runtime.server.EndpointTable.Endpoint;
import io.grpc.BindableService;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Locale;

/// The services with one answer for one message.
final class UnaryServices {
  private UnaryServices() {}

  static List<BindableService> of(Dispatch dispatch, EndpointTable table) {
    return List.of(
        new Single(dispatch), new Joined(dispatch), new Discovery(table), new Information());
  }

  private static void answer(
      Dispatch dispatch,
      List<DataRequestProto> requests,
      StreamObserver<DataRequestProto> observer) {
    DataRequestProto answer;
    try {
      answer = dispatch.answer(requests);
    } catch (FlowException failure) {
      if (isStatus(failure.code())) {
        observer.onError(ErrorBorder.refusal(failure));
        return;
      }
      ErrorBorder.markError();
      answer = dispatch.failed(requests.getFirst(), failure);
    }
    observer.onNext(answer);
    observer.onCompleted();
  }

  /// Whether a failure is a status. To a Jina gateway only what it tries again at other replicas
  /// is.
  private static boolean isStatus(ErrorCode code) {
    boolean triedAgain = code == ErrorCode.UNAVAILABLE || code == ErrorCode.DEADLINE_EXCEEDED;
    return code.refusal() && (triedAgain || !ErrorBorder.fromJinaGateway());
  }

  private static final class Single extends JinaSingleDataRequestRPCImplBase {
    private final Dispatch dispatch;

    Single(Dispatch dispatch) {
      this.dispatch = dispatch;
    }

    @Override
    public void processSingleData(
        DataRequestProto request, StreamObserver<DataRequestProto> observer) {
      answer(dispatch, List.of(request), observer);
    }
  }

  private static final class Joined extends JinaDataRequestRPCImplBase {
    private final Dispatch dispatch;

    Joined(Dispatch dispatch) {
      this.dispatch = dispatch;
    }

    @Override
    public void processData(
        DataRequestListProto request, StreamObserver<DataRequestProto> observer) {
      answer(dispatch, request.getRequestsList(), observer);
    }
  }

  /// Tells the endpoints; `schemas.<endpoint>.access` is the access class, for Attune's gateways.
  private static final class Discovery extends JinaDiscoverEndpointsRPCImplBase {
    private final EndpointsProto answer;

    Discovery(EndpointTable table) {
      EndpointsProto.Builder endpoints = EndpointsProto.newBuilder();
      Struct.Builder schemas = Struct.newBuilder();
      for (Endpoint endpoint : table.all().values()) {
        endpoints.addEndpoints(endpoint.name());
        if (endpoint.access() == Access.WRITE) {
          endpoints.addWriteEndpoints(endpoint.name());
        }
        String access = endpoint.access().name().toLowerCase(Locale.ROOT);
        Struct schema =
            Struct.newBuilder()
                .putFields("access", Value.newBuilder().setStringValue(access).build())
                .build();
        schemas.putFields(endpoint.name(), Value.newBuilder().setStructValue(schema).build());
      }
      answer = endpoints.setSchemas(schemas).build();
    }

    @Override
    public void endpointDiscovery(Empty request, StreamObserver<EndpointsProto> observer) {
      observer.onNext(answer);
      observer.onCompleted();
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

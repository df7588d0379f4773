package io.attune.gateway.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.attune.gateway.message.Envelope;
import io.attune.gateway.router.Inbound;
import io.attune.gateway.router.Outcome;
import io.attune.gateway.router.Router;
import io.attune.proto.jina.JinaRPCGrpc;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.channel.RawMethods;
import io.attune.runtime.error.ErrorBorder;
import io.attune.runtime.error.Failures;
import io.grpc.Context;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// `JinaRPC.Call` and `process_single_data` without reading documents.
final class RequestService {
  private final Router router;
  private final StreamLimits limits;
  private final Set<RequestStream> open = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  RequestService(Router router, StreamLimits limits) {
    this.router = router;
    this.limits = limits;
  }

  ServerServiceDefinition streams() {
    return unread(
        JinaRPCGrpc.getServiceDescriptor(),
        RawMethods.STREAM,
        ServerCalls.asyncBidiStreamingCall(this::stream));
  }

  ServerServiceDefinition single() {
    return unread(
        JinaSingleDataRequestRPCGrpc.getServiceDescriptor(),
        RawMethods.SINGLE,
        ServerCalls.asyncUnaryCall(this::unary));
  }

  /// Ends the streams that have nothing under way; to be called again until none is open.
  void closeIdle() {
    draining = true;
    open.forEach(RequestStream::closeWhenIdle);
  }

  private StreamObserver<ByteString> stream(StreamObserver<ByteString> answers) {
    RequestStream stream =
        new RequestStream(
            router, (ServerCallStreamObserver<ByteString>) answers, limits, open::remove);
    open.add(stream);
    stream.start();
    if (draining) {
      stream.closeWhenIdle();
    }
    return stream;
  }

  private void unary(ByteString message, StreamObserver<ByteString> caller) {
    ((ServerCallStreamObserver<ByteString>) caller)
        .setOnCancelHandler(() -> {}); // an answer for a caller who left is dropped
    Envelope request;
    try {
      request = Envelope.parse(message);
    } catch (InvalidProtocolBufferException e) {
      caller.onError(ErrorBorder.refusal(Failures.from(e)));
      return;
    }
    Context context = Context.current();
    router.route(
        new Inbound(request, CallMetadata.CURRENT.get(), ForwardedHeaders.CURRENT.get()),
        outcome -> answer(outcome, caller, context));
  }

  private static void answer(Outcome outcome, StreamObserver<ByteString> caller, Context context) {
    switch (outcome) {
      case Outcome.Refused refused -> {
        caller.onError(ErrorBorder.refusal(refused.cause()));
        return;
      }
      case Outcome.Failed _ -> context.run(ErrorBorder::markError);
      case Outcome.Answered _ -> {}
    }
    caller.onNext(outcome.message().toByteString());
    caller.onCompleted();
  }

  /// A service with one method, its messages unread; reflection still finds its description.
  private static ServerServiceDefinition unread(
      ServiceDescriptor service,
      MethodDescriptor<ByteString, ByteString> method,
      ServerCallHandler<ByteString, ByteString> handler) {
    ServiceDescriptor descriptor =
        ServiceDescriptor.newBuilder(service.getName())
            .setSchemaDescriptor(service.getSchemaDescriptor())
            .addMethod(method)
            .build();
    return ServerServiceDefinition.builder(descriptor).addMethod(method, handler).build();
  }
}

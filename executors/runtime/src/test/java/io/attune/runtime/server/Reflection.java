package io.attune.runtime.server;

import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/// Asks a server for its services.
final class Reflection {
  private Reflection() {}

  static CompletableFuture<List<String>> v1(ManagedChannel channel) {
    Answer<io.grpc.reflection.v1.ServerReflectionResponse> answer =
        new Answer<>(response ->
            response.getListServicesResponse().getServiceList().stream()
                .map(io.grpc.reflection.v1.ServiceResponse::getName)
                .toList());
    StreamObserver<io.grpc.reflection.v1.ServerReflectionRequest> question =
        io.grpc.reflection.v1.ServerReflectionGrpc.newStub(channel).serverReflectionInfo(answer);
    question.onNext(
        io.grpc.reflection.v1.ServerReflectionRequest.newBuilder().setListServices("").build());
    question.onCompleted();
    return answer.names;
  }

  static CompletableFuture<List<String>> v1alpha(ManagedChannel channel) {
    Answer<io.grpc.reflection.v1alpha.ServerReflectionResponse> answer =
        new Answer<>(response ->
            response.getListServicesResponse().getServiceList().stream()
                .map(io.grpc.reflection.v1alpha.ServiceResponse::getName)
                .toList());
    StreamObserver<io.grpc.reflection.v1alpha.ServerReflectionRequest> question =
        io.grpc.reflection.v1alpha.ServerReflectionGrpc.newStub(channel)
            .serverReflectionInfo(answer);
    question.onNext(
        io.grpc.reflection.v1alpha.ServerReflectionRequest.newBuilder()
            .setListServices("")
            .build());
    question.onCompleted();
    return answer.names;
  }

  private static final class Answer<T> implements StreamObserver<T> {
    private final Function<T, List<String>> read;
    private final CompletableFuture<List<String>> names = new CompletableFuture<>();

    Answer(Function<T, List<String>> read) {
      this.read = read;
    }

    @Override
    public void onNext(T response) {
      names.complete(read.apply(response));
    }

    @Override
    public void onError(Throwable failure) {
      names.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {}
  }
}

package io.attune.cli.client;

import com.google.protobuf.Empty;
import com.google.protobuf.Struct;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.proto.jina.JinaDiscoverEndpointsRPCGrpc;
import io.attune.proto.jina.JinaGatewayDryRunRPCGrpc;
import io.attune.proto.jina.JinaRPCGrpc;
import io.attune.proto.jina.StatusProto;
import io.attune.proto.jina.StatusProto.StatusCode;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.channel.Address;
import io.attune.runtime.channel.Address.Scheme;
import io.attune.runtime.error.Failures;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Talks to a Flow's gateway over gRPC, as Python's `Client` does: posts documents to an endpoint,
/// split into requests, and hands back the answers in the order of the requests.
///
/// Safe for use by several threads; each `post` is a stream of its own on one shared connection.
public final class FlowClient implements AutoCloseable {
  /// Documents in a request where the caller does not say: Jina's default.
  public static final int DEFAULT_REQUEST_SIZE = 100;

  private static final int MAX_MESSAGE_BYTES = 512 << 20;

  private final String address;
  private final ManagedChannel channel;

  private FlowClient(String address, ManagedChannel channel) {
    this.address = address;
    this.channel = channel;
  }

  /// A client of the gateway at `host:port`, `grpc://host:port` or, with TLS, `grpcs://host:port`.
  ///
  /// Connects on first use.
  ///
  /// @throws FlowException for an address that is not of this form
  public static FlowClient connect(String address) {
    Address parsed = Address.parse(address);
    return new FlowClient(
        address,
        Grpc.newChannelBuilder(
                parsed.target(),
                parsed.scheme() == Scheme.GRPCS
                    ? TlsChannelCredentials.create()
                    : InsecureChannelCredentials.create())
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .keepAliveTime(10, TimeUnit.SECONDS)
            .build());
  }

  /// Posts documents and waits for every answer.
  ///
  /// @param endpoint such as `/index`
  /// @param documents read as the Flow takes them, so they may be more than memory holds
  /// @param parameters of the request
  /// @param requestSize documents in one request, 1 or more
  /// @param answers called for each answer, in the order of the requests, on the calling thread
  /// @throws FlowException for the first request that failed, or where the Flow is not reachable
  public void post(
      String endpoint,
      Iterator<Document> documents,
      Struct parameters,
      int requestSize,
      AnswerConsumer answers) {
    PostStream stream = new PostStream(address, answers);
    stream.run(
        JinaRPCGrpc.newStub(channel).withCompression("identity"),
        new RequestSplitter(endpoint, documents, parameters, requestSize));
  }

  /// Posts documents as one request and answers the documents that come back.
  public DocumentArray post(String endpoint, DocumentArray documents, Struct parameters) {
    DocumentArray answered = DocumentArray.of();
    post(
        endpoint,
        documents.iterator(),
        parameters,
        Math.max(1, documents.size()),
        answer -> answered.addAll(answer.documents()));
    return answered;
  }

  /// Whether the whole Flow answers: every executor is reached by a dry run.
  public boolean isReady(Duration timeout) {
    try {
      StatusProto status =
          JinaGatewayDryRunRPCGrpc.newBlockingStub(channel)
              .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
              .dryRun(Empty.getDefaultInstance());
      return status.getCode() == StatusCode.SUCCESS;
    } catch (StatusRuntimeException _) {
      return false;
    }
  }

  /// Whether the server's health service says that it is serving.
  public boolean isServing(Duration timeout) {
    try {
      return HealthGrpc.newBlockingStub(channel)
              .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
              .check(HealthCheckRequest.getDefaultInstance())
              .getStatus()
          == ServingStatus.SERVING;
    } catch (StatusRuntimeException _) {
      return false;
    }
  }

  /// The endpoints of the Flow.
  public List<String> endpoints(Duration timeout) {
    try {
      return JinaDiscoverEndpointsRPCGrpc.newBlockingStub(channel)
          .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
          .endpointDiscovery(Empty.getDefaultInstance())
          .getEndpointsList();
    } catch (StatusRuntimeException failure) {
      throw failureOf(failure, address);
    }
  }

  @Override
  public void close() {
    close(channel);
  }

  /// Ends a channel, and waits for that a moment.
  static void close(ManagedChannel channel) {
    channel.shutdownNow();
    try {
      channel.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  static FlowException failureOf(StatusRuntimeException failure, String address) {
    ErrorCode code = Failures.from(failure).code();
    String message = messageOf(failure);
    return new FlowException(
        code,
        code == ErrorCode.UNAVAILABLE ? address + " is not reachable: " + message : message,
        failure);
  }

  /// What a status says; where it only says that input or output failed, why it failed.
  public static String messageOf(StatusRuntimeException failure) {
    Throwable cause = failure.getStatus().getCause();
    if (cause instanceof IOException && cause.getMessage() != null) {
      return cause.getMessage().replaceFirst("^.*error\\(-\\d+\\): ", ""); // Netty's system call
    }
    String description = failure.getStatus().getDescription();
    return description == null ? failure.getStatus().getCode().name() : description;
  }
}

package io.attune.indexer.reembed;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.proto.jina.DataRequestProto;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.ModelVersion;
import io.attune.runtime.Priority;
import io.attune.runtime.channel.Address;
import io.attune.runtime.channel.ChannelOptions;
import io.attune.runtime.channel.ExecutorChannel;
import io.attune.runtime.error.Failures;
import io.grpc.Context;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/// An encoder's version behind its RPC: asked at its endpoint `/encode`, stamped with the version,
/// as bulk, so that searches go before. Where a replica does not answer for long, another one is
/// asked as well, and what comes first counts: a process that hangs keeps its connections, and
/// writes wait for what is embedded.
public final class EncoderEmbedder implements Embedder {
  private static final String ENDPOINT = "/encode";
  private static final Duration TRY_LIMIT = Duration.ofMinutes(1);

  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int DOCUMENTS_OF_PATIENCE = 8;

  private final ExecutorChannel channel;
  private final Duration patience;
  private final CallMetadata metadata;

  private EncoderEmbedder(ExecutorChannel channel, Duration patience, ModelVersion version) {
    this.channel = channel;
    this.patience = patience;
    this.metadata = new CallMetadata(List.of(version), Priority.BULK, false, 0);
  }

  /// The embedders of an encoder's versions.
  ///
  /// @param configured its replicas, where nobody says otherwise; none for nowhere
  public static Embedders at(List<Address> configured) {
    return at(configured, PATIENCE);
  }

  /// @param patience after which a second replica is asked; an eighth more for each document
  static Embedders at(List<Address> configured, Duration patience) {
    return (version, address) -> {
      List<Address> addresses = address.isEmpty() ? configured : Address.parseAll(address);
      if (addresses.isEmpty()) {
        return EncoderEmbedder::nowhere;
      }
      ChannelOptions options = ChannelOptions.DEFAULT.timeoutSendMillis(TRY_LIMIT.toMillis());
      return new EncoderEmbedder(
          ExecutorChannel.open("encoder", addresses, options), patience, version);
    };
  }

  private static List<Document> nowhere(List<Document> documents) {
    throw new FlowException(
        ErrorCode.FAILED_PRECONDITION,
        "encoder: not known, so %d documents cannot be embedded (expected: the option encoder of the Indexer)"
            .formatted(documents.size()));
  }

  @Override
  public List<Document> embed(List<Document> documents) {
    DataRequestProto.Builder request = DataRequestProto.newBuilder();
    request
        .getHeaderBuilder()
        .setRequestId(UUID.randomUUID().toString().replace("-", ""))
        .setExecEndpoint(ENDPOINT);
    request.setParameters(
        Struct.newBuilder()
            .putFields("traversal_paths", Value.newBuilder().setStringValue("@r").build()));
    request.getDataBuilder().setDocs(DocumentArray.of(documents).toProto());
    DocumentArray answered = DocumentArray.from(answer(request.build()).getData().getDocs());
    if (answered.size() != documents.size()) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "encoder: %d documents for %d (expected: as many)"
              .formatted(answered.size(), documents.size()));
    }
    return answered;
  }

  private DataRequestProto answer(DataRequestProto request) {
    if (channel.addresses().size() == 1) {
      return channel.call(request, metadata);
    }
    try (Context.CancellableContext context = Context.current().withCancellation()) {
      CompletableFuture<DataRequestProto> first = begin(request, context);
      int documents = request.getData().getDocs().getDocsCount();
      if (isOver(
          first,
          patience.plus(patience.multipliedBy(documents).dividedBy(DOCUMENTS_OF_PATIENCE)))) {
        return Failures.get(first);
      }
      CompletableFuture<DataRequestProto> second = begin(request, context);
      return Failures.get(
          first
              .exceptionallyCompose(_ -> second)
              .applyToEither(second.exceptionallyCompose(_ -> first), Function.identity()));
    }
  }

  private CompletableFuture<DataRequestProto> begin(DataRequestProto request, Context context) {
    return CompletableFuture.supplyAsync(
        () -> channel.call(request, metadata),
        task -> Thread.ofVirtual().name("embed").start(context.wrap(task)));
  }

  /// Whether there is an answer, or a failure, before patience ends.
  private static boolean isOver(CompletableFuture<DataRequestProto> answer, Duration patience) {
    try {
      var _ = answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException _) {
      return false;
    } catch (ExecutionException _) {
      return true;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw Failures.from(interrupted);
    }
  }

  @Override
  public void close() {
    channel.close();
  }
}

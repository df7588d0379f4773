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
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/// An encoder's version behind its RPC: asked at its endpoint `/encode`, stamped with the version,
/// as bulk, so that searches go before.
public final class EncoderEmbedder implements Embedder {
  private static final String ENDPOINT = "/encode";
  private static final Duration TRY_LIMIT = Duration.ofMinutes(1);

  private final ExecutorChannel channel;
  private final CallMetadata metadata;

  private EncoderEmbedder(ExecutorChannel channel, ModelVersion version) {
    this.channel = channel;
    this.metadata = new CallMetadata(List.of(version), Priority.BULK, false, 0);
  }

  /// The embedders of an encoder's versions.
  ///
  /// @param configured its replicas, where nobody says otherwise; none for nowhere
  public static Embedders at(List<Address> configured) {
    return (version, address) -> {
      List<Address> addresses = address.isEmpty() ? configured : Address.parseAll(address);
      if (addresses.isEmpty()) {
        return EncoderEmbedder::nowhere;
      }
      ChannelOptions options = ChannelOptions.DEFAULT.timeoutSendMillis(TRY_LIMIT.toMillis());
      return new EncoderEmbedder(ExecutorChannel.open("encoder", addresses, options), version);
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
    DocumentArray answered =
        DocumentArray.from(channel.call(request.build(), metadata).getData().getDocs());
    if (answered.size() != documents.size()) {
      throw new FlowException(
          ErrorCode.FAILED_PRECONDITION,
          "encoder: %d documents for %d (expected: as many)"
              .formatted(answered.size(), documents.size()));
    }
    return answered;
  }

  @Override
  public void close() {
    channel.close();
  }
}

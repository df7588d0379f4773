package io.attune.gateway.router;

import com.google.protobuf.Struct;
import io.attune.document.Document;
import io.attune.gateway.message.Envelope;
import io.attune.proto.docarray.DocumentArrayProto;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.DataRequestProto.DataContentProto;
import io.attune.proto.jina.HeaderProto;
import io.attune.proto.jina.StatusProto;
import java.util.function.Consumer;

/// The rehearsal of a request: an empty document goes through the real graph to an endpoint that
/// every executor has and that does nothing.
///
/// @param router the way
public record DryRun(Router router) {
  /// The endpoint, by Jina's name.
  public static final String ENDPOINT = "_jina_dry_run_";

  /// Rehearses.
  ///
  /// @param done told SUCCESS, or ERROR with the reason
  public void start(Consumer<StatusProto> done) {
    DocumentArrayProto one =
        DocumentArrayProto.newBuilder().addDocs(Document.create().toProto()).build();
    DataRequestProto message =
        DataRequestProto.newBuilder()
            .setHeader(
                HeaderProto.newBuilder().setRequestId(Document.newId()).setExecEndpoint(ENDPOINT))
            .setParameters(Struct.getDefaultInstance())
            .setData(DataContentProto.newBuilder().setDocs(one))
            .build();
    router.route(
        Inbound.of(Envelope.from(message)),
        outcome -> done.accept(outcome.message().header().getStatus()));
  }
}

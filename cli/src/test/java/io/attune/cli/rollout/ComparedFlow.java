package io.attune.cli.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.document.Document;
import io.attune.document.DocumentArray;
import io.attune.document.NdArray;
import io.attune.models.testing.PlantedModels;
import io.attune.proto.jina.DataRequestProto;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc;
import io.attune.proto.jina.StatusProto.StatusCode;
import io.attune.runtime.CallMetadata;
import io.attune.runtime.testing.Requests;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A Flow with an index and feedback whose two versions find different documents.
///
/// The two versions rank alike. What sets them apart are documents that came with vectors of their
/// own, which the index of the new version goes without.
final class ComparedFlow {
  static final String YAML =
      PlantedFlow.ENCODER.replace("model: m,", "model: m@1,")
          + "  - {name: indexer, uses: Indexer}\n"
          + "  - {name: feedback, uses: Feedback}\n";
  private static final int DOCUMENTS = 60;
  private static final int OWN = 20;

  private ComparedFlow() {}

  static DataRequestProto post(
      PlantedFlow flow,
      String endpoint,
      DocumentArray documents,
      Map<String, Value> parameters,
      String version) {
    Metadata headers = new Metadata();
    if (!version.isEmpty()) {
      headers.put(CallMetadata.MODEL, version);
    }
    DataRequestProto answer =
        JinaSingleDataRequestRPCGrpc.newBlockingStub(flow.channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .processSingleData(
                Requests.with(
                    Requests.of(endpoint, documents),
                    Struct.newBuilder().putAllFields(parameters).build()));
    assertThat(answer.getHeader().getStatus().getCode())
        .as(answer.getHeader().getStatus().getDescription())
        .isNotEqualTo(StatusCode.ERROR);
    return answer;
  }

  private static Value truth(boolean value) {
    return Value.newBuilder().setBoolValue(value).build();
  }

  static DataRequestProto search(PlantedFlow flow, int query, boolean isNoted, String version) {
    DocumentArray asked = DocumentArray.of(Document.ofText(PlantedModels.text(query)));
    return post(
        flow, "/search", asked, isNoted ? Map.of() : Map.of("impressions", truth(false)), version);
  }

  static void index(PlantedFlow flow) {
    DocumentArray documents = DocumentArray.of();
    for (int i = 0; i < DOCUMENTS; i++) {
      documents.add(Document.ofText(PlantedModels.text(i)).id("doc-" + i));
    }
    post(flow, "/index", documents, Map.of(), "");
    DocumentArray own = DocumentArray.of();
    for (int i = DOCUMENTS; i < DOCUMENTS + OWN; i++) {
      Document document = Document.ofText(PlantedModels.text(i)).id("own-" + i);
      document.embedding(
          NdArray.of(PlantedModels.embedding(document.text(), 0), PlantedModels.DIMENSION));
      own.add(document);
    }
    String space = flow.store.resolve("m@1").artifact().space().id();
    post(
        flow, "/index", own, Map.of("space", Value.newBuilder().setStringValue(space).build()), "");
  }

  /// The first ten of what was found.
  static List<String> first(DataRequestProto answer) {
    return Requests.documents(answer).getFirst().matches().stream()
        .limit(10)
        .map(Document::id)
        .toList();
  }

  static Value result(DataRequestProto answer, String executor, String name) {
    return answer
        .getParameters()
        .getFieldsOrThrow("__results__")
        .getStructValue()
        .getFieldsOrThrow(executor)
        .getStructValue()
        .getFieldsOrThrow(name);
  }

  /// The share of the first ten that both versions find, asked by their names.
  static double agreement(PlantedFlow flow, int query) {
    List<String> one = first(search(flow, query, false, "m@1"));
    List<String> two = first(search(flow, query, false, "m@2"));
    Set<String> both = new HashSet<>(one);
    both.retainAll(two);
    return (double) both.size() / Math.max(one.size(), two.size());
  }
}

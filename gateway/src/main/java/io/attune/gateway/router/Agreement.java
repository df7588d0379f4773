package io.attune.gateway.router;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.attune.proto.docarray.DocumentProto;
import io.attune.proto.jina.DataRequestProto;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/// How far two answers to a search agree: the share of the first ten matches that both have, as a
/// mean over the queries of the request.
///
/// Where an answer has fewer than ten matches, it is the share of the longer list. Queries without
/// matches in both answers say nothing.
final class Agreement {
  private static final int FIRST = 10;

  private Agreement() {}

  /// How far two answers agree; empty where they cannot be read, or nothing was found in both.
  static OptionalDouble of(ByteString one, ByteString other) {
    try {
      return of(documents(one), documents(other));
    } catch (InvalidProtocolBufferException _) {
      return OptionalDouble.empty();
    }
  }

  private static List<DocumentProto> documents(ByteString payload)
      throws InvalidProtocolBufferException {
    return DataRequestProto.parseFrom(payload).getData().getDocs().getDocsList();
  }

  private static OptionalDouble of(List<DocumentProto> one, List<DocumentProto> other) {
    double sum = 0;
    int queries = 0;
    for (int i = 0; i < Math.min(one.size(), other.size()); i++) {
      Set<String> first = matches(one.get(i));
      Set<String> second = matches(other.get(i));
      int longer = Math.max(first.size(), second.size());
      if (longer > 0) {
        first.retainAll(second);
        sum += (double) first.size() / longer;
        queries++;
      }
    }
    return queries == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / queries);
  }

  private static Set<String> matches(DocumentProto query) {
    Set<String> ids = new HashSet<>();
    query.getMatchesList().stream().limit(FIRST).forEach(match -> ids.add(match.getId()));
    return ids;
  }
}

package io.attune.document.json;

import io.attune.proto.docarray.DocumentProto;
import io.attune.proto.docarray.NdArrayProto;

/// A document as Python sees it: what differs between two messages only in bytes is made equal.
final class PythonView {
  private PythonView() {}

  static DocumentProto of(DocumentProto document) {
    DocumentProto.Builder view = document.toBuilder();
    if (view.hasTensor()) {
      view.setTensor(array(view.getTensor()));
    }
    if (view.hasEmbedding()) {
      view.setEmbedding(array(view.getEmbedding()));
    }
    return view.build();
  }

  /// Lists and arrays are alike here.
  private static NdArrayProto array(NdArrayProto array) {
    return array.toBuilder().setClsName("numpy").build();
  }
}

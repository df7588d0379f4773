package io.attune.gateway.router;

import io.attune.runtime.ModelVersion;
import java.util.List;

/// The version of each model that new requests are stamped with.
@FunctionalInterface
public interface LiveModels {
  /// The live versions at this moment; read once for each request, so it must be cheap.
  List<ModelVersion> live();

  /// No stamps: each encoder serves the version its Flow configures.
  static LiveModels none() {
    return List::of;
  }
}

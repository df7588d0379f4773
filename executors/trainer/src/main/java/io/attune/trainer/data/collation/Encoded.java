package io.attune.trainer.data.collation;

import java.util.List;

/// Documents as forward passes read them, those of near-equal length together.
///
/// @param order which document each row is, over all parts one after another
/// @param parts the forward passes
@SuppressWarnings("ArrayRecordComponent") // on the data path; never compared
public record Encoded(int[] order, List<EncodedBatch> parts) {
  public Encoded {
    parts = List.copyOf(parts);
  }
}

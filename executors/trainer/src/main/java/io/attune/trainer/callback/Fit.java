package io.attune.trainer.callback;

import io.attune.document.Document;
import io.attune.trainer.run.Checkpoint;
import io.attune.trainer.run.ProgressListener;
import io.attune.trainer.run.RunConfig;
import io.attune.trainer.run.RunFolder;
import java.util.List;
import java.util.Map;

/// The training that callbacks take part in.
public interface Fit {
  /// What is trained how.
  RunConfig config();

  /// Where it is kept.
  RunFolder folder();

  /// Who is told of progress.
  ProgressListener listener();

  /// The epochs done.
  int epoch();

  /// The steps done.
  long step();

  /// Embeds documents with the weights of now, in inference mode.
  ///
  /// @param queries whether the model's query prompt is put before texts, or its document prompt
  /// @param batchSize how many together, 1 or more
  /// @return a row each, in their order
  float[][] embed(List<Document> documents, boolean queries, int batchSize);

  /// The weights that training began from, by name.
  Map<String, float[]> pretrained();

  /// All that is needed to go on from here.
  Checkpoint checkpoint();

  /// Replaces the weights.
  void restore(Checkpoint checkpoint);

  /// Ends training after this epoch.
  ///
  /// @param reason for people: `val_loss is no better than 0.31 for 2 epochs`
  void stop(String reason);
}

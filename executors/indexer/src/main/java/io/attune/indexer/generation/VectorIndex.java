package io.attune.indexer.generation;

import java.io.IOException;
import java.nio.file.Path;

/// An engine that keeps generations: the border behind which other indexes can be put.
public interface VectorIndex {
  /// Makes an empty generation in a folder that does not exist or is empty.
  Generation create(Path folder, GenerationSpec spec) throws IOException;

  /// Opens a generation as its last commit left it, every byte of it checked.
  ///
  /// @throws io.attune.runtime.FlowException DATA_LOSS where something in it is damaged
  Generation open(Path folder, GenerationSpec spec) throws IOException;
}

package io.attune.indexer.lucene;

import io.attune.indexer.generation.Generation;
import io.attune.indexer.generation.GenerationSpec;
import io.attune.indexer.generation.VectorIndex;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.IndexFormatTooNewException;
import org.apache.lucene.index.IndexFormatTooOldException;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;

/// Generations on Lucene: HNSW graphs in segments on disk, each generation a Lucene index.
public final class LuceneIndex implements VectorIndex {
  private final ScanRule scanRule;
  private final Directories directories;

  /// Where the files of an index lie.
  @FunctionalInterface
  interface Directories {
    Directory open(Path folder) throws IOException;
  }

  /// An engine that scans where that is faster than walking the graph.
  public LuceneIndex() {
    this(ScanRule.MEASURED);
  }

  LuceneIndex(ScanRule scanRule) {
    this(scanRule, FSDirectory::open);
  }

  LuceneIndex(ScanRule scanRule, Directories directories) {
    this.scanRule = scanRule;
    this.directories = directories;
  }

  @Override
  public Generation create(Path folder, GenerationSpec spec) throws IOException {
    return LuceneGeneration.create(directories.open(folder), spec, scanRule);
  }

  @Override
  public Generation open(Path folder, GenerationSpec spec) throws IOException {
    try {
      return LuceneGeneration.open(directories.open(folder), spec, scanRule);
    } catch (CorruptIndexException
        | IndexFormatTooNewException
        | IndexFormatTooOldException
        | EOFException
        | FileNotFoundException
        | NoSuchFileException e) {
      throw damaged(folder, e);
    }
  }

  private static FlowException damaged(Path folder, IOException cause) {
    return new FlowException(
        ErrorCode.DATA_LOSS,
        "index: %s is damaged: %s (expected: undamaged files; restore them from a backup, or remove the shard's folder and index the documents again)"
            .formatted(folder, cause.getMessage()),
        cause);
  }
}

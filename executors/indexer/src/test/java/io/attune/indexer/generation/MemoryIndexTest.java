package io.attune.indexer.generation;

class MemoryIndexTest extends VectorIndexContract {
  @Override
  protected VectorIndex index() {
    return new MemoryIndex();
  }
}

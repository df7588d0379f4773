package io.attune.models;

import java.io.IOException;
import java.nio.file.Path;

/// A hidden folder of a store for what an archive unpacks to; closed, it is gone.
record Incoming(Path folder) implements AutoCloseable {
  static Incoming in(ModelStore store) {
    try {
      return new Incoming(Scratch.create(store.root(), ".incoming-"));
    } catch (IOException e) {
      throw ModelStore.failed(store.root(), e);
    }
  }

  @Override
  public void close() {
    try {
      Durable.deleteTree(folder);
    } catch (IOException e) {
      throw ModelStore.failed(folder, e);
    }
  }
}

package io.attune.gateway.rollout;

import io.attune.runtime.ModelVersion;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// A Flow of an encoder and a shard with version 1 of the model `m`, coordinated, for each test.
abstract class CoordinatorHarness {
  static final ModelVersion ONE = new ModelVersion("m", 1);
  static final ModelVersion TWO = new ModelVersion("m", 2);

  @TempDir Path folder;
  final FakePeer encoder = FakePeer.encoder(0);
  final FakePeer shard = FakePeer.shard(0);

  @SuppressWarnings("NullAway.Init") // by start
  FlowWorld flow;

  @BeforeEach
  void start() throws InterruptedException {
    flow = new FlowWorld(folder, encoder, shard).start();
    flow.awaitCurrent();
  }

  @AfterEach
  void close() {
    flow.close();
  }
}

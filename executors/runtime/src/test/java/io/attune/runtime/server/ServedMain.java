package io.attune.runtime.server;

import io.attune.runtime.Answer;
import io.attune.runtime.Endpoints;
import io.attune.runtime.Executor;
import io.attune.runtime.batching.SizeOrTimeout;
import io.attune.runtime.testing.TestServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/// A process that serves an executor and prints what it accepts: `port N`, `accepted ID`, `closed`.
/// Its methods wait until it is told `open` on its input, unless it is started so; started as
/// `batched`, requests to `/batched` wait for a batch that never fills.
final class ServedMain implements Executor {
  private static final PrintStream OUT = System.out;

  private final CountDownLatch gate;

  private ServedMain(boolean open) {
    gate = new CountDownLatch(open ? 0 : 1);
  }

  public static void main(String[] args) throws Exception {
    ServedMain executor = new ServedMain(!args[0].equals("gated"));
    ServerOptions options = ServerOptions.onPort(0).host("127.0.0.1");
    if (args[0].equals("batched")) {
      SizeOrTimeout never = new SizeOrTimeout(1_000_000, Duration.ofHours(1), false);
      options = options.batching(Map.of("/batched", never));
    }
    ExecutorServer server =
        ExecutorServer.start(executor, TestServer.context("executor0"), options).stopWithProcess();
    OUT.println("port " + server.port());
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String line = input.readLine();
    while (line != null) {
      executor.gate.countDown();
      line = input.readLine();
    }
    server.awaitTermination();
  }

  @Override
  public void bind(Endpoints endpoints) {
    endpoints.read("/batched", call -> Answer.unchanged());
    endpoints.read(
        "/default",
        call -> {
          OUT.println("accepted " + call.requestId());
          gate.await();
          return Answer.unchanged();
        });
  }

  @Override
  public void close() {
    OUT.println("closed");
  }
}

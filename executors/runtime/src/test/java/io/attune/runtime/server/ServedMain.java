package io.attune.runtime.server;

import io.attune.runtime.Answer;
import io.attune.runtime.Endpoints;
import io.attune.runtime.Executor;
import io.attune.runtime.testing.TestServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;

/// A process that serves an executor and prints what it accepts: `port N`, `accepted ID`, `closed`.
/// Its methods wait until it is told `open` on its input, unless it is started so.
final class ServedMain implements Executor {
  private static final PrintStream OUT = System.out;

  private final CountDownLatch gate;

  private ServedMain(boolean open) {
    gate = new CountDownLatch(open ? 0 : 1);
  }

  public static void main(String[] args) throws Exception {
    ServedMain executor = new ServedMain(args[0].equals("open"));
    ExecutorServer server =
        ExecutorServer.start(
                executor,
                TestServer.context("executor0"),
                ServerOptions.onPort(0).host("127.0.0.1"))
            .stopWithProcess();
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

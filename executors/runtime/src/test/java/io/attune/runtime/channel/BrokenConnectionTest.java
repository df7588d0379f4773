package io.attune.runtime.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.attune.runtime.server.ExecutorServer;
import io.attune.runtime.server.ServerOptions;
import io.attune.runtime.testing.Requests;
import io.attune.runtime.testing.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Tells a process that went while it had a request from one that is away or refuses. A relay
/// between both stands for the process: when it is cut, the client sees what it sees of a kill.
@Timeout(60)
class BrokenConnectionTest {
  private Relay relay;

  @BeforeEach
  void open() throws IOException {
    relay = new Relay();
  }

  @AfterEach
  void close() throws IOException {
    relay.close();
  }

  private FlowException failure(Function<Call, Answer> answer, String address) {
    try (ExecutorServer server =
            ExecutorServer.start(
                endpoints -> endpoints.read("/x", answer::apply),
                TestServer.context("executor"),
                ServerOptions.onPort(0).host("127.0.0.1"));
        ExecutorChannel channel =
            ExecutorChannel.open(
                "executor", List.of(Address.parse(address)), ChannelOptions.DEFAULT.retries(1))) {
      relay.to = server.port();
      FlowException failure =
          catchThrowableOfType(FlowException.class, () -> channel.call(Requests.of("/x")));
      assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
      return failure;
    }
  }

  private Answer die(Call call) {
    relay.cut();
    return Answer.of(call.documents());
  }

  @Test
  void breaksWhereTheProcessGoesUnderTheRequest() {
    assertThat(BrokenConnectionException.isCauseOf(failure(this::die, relay.address()))).isTrue();
  }

  @Test
  void isNotBrokenWhereNothingListens() throws IOException {
    relay.close();
    assertThat(BrokenConnectionException.isCauseOf(failure(this::die, relay.address()))).isFalse();
  }

  @Test
  void isNotBrokenWhereWhatListensLeadsNowhere() {
    relay.isCut = true;
    assertThat(BrokenConnectionException.isCauseOf(failure(this::die, relay.address()))).isFalse();
  }

  @Test
  void isNotBrokenWhereTheExecutorRefuses() {
    FlowException failure =
        failure(
            _ -> {
              throw new FlowException(ErrorCode.UNAVAILABLE, "version: not here");
            },
            relay.address());
    assertThat(failure).hasMessageContaining("version: not here");
    assertThat(BrokenConnectionException.isCauseOf(failure)).isFalse();
  }

  /// Passes bytes both ways, until it is cut: from then on it closes what is and what comes.
  private static final class Relay implements AutoCloseable {
    private final ServerSocket listening =
        new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Queue<Socket> open = new ConcurrentLinkedQueue<>();
    private volatile boolean isCut;
    private volatile int to;

    Relay() throws IOException {
      Thread.ofVirtual().start(this::listen);
    }

    String address() {
      return "grpc://127.0.0.1:" + listening.getLocalPort();
    }

    private void listen() {
      try {
        while (true) {
          Socket client = listening.accept();
          if (isCut) {
            client.close();
            continue;
          }
          Socket server = new Socket(InetAddress.getLoopbackAddress(), to);
          open.addAll(List.of(client, server));
          pass(client, server);
          pass(server, client);
        }
      } catch (IOException _) {
        // closed
      }
    }

    private static void pass(Socket from, Socket into) {
      Thread.ofVirtual()
          .start(() -> {
            try (from;
                into) {
              var _ = from.getInputStream().transferTo(into.getOutputStream());
            } catch (IOException _) {
              // cut
            }
          });
    }

    void cut() {
      isCut = true;
      try {
        for (Socket socket : open) {
          socket.close();
        }
      } catch (IOException failure) {
        throw new AssertionError(failure);
      }
    }

    @Override
    public void close() throws IOException {
      listening.close();
      cut();
    }
  }
}

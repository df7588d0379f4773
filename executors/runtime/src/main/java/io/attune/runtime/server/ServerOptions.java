package io.attune.runtime.server;

import io.attune.runtime.FlowException;
import io.attune.runtime.batching.SizeOrTimeout;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// How an executor is served. Start at [#onPort] or [#inProcess].
///
/// @param host the address to listen on, default 0.0.0.0
/// @param port the port; 0 takes a free one, -1 listens on none
/// @param inProcessName the name for callers in the same JVM; null for none
/// @param replica the number of the replica, in the label `runtime_name`; default 0
/// @param mostMessageBytes the size of the largest message accepted, default 128 MiB
/// @param mostRequests how many requests are worked on at a time, default 4,096; one more is
///   refused with RESOURCE_EXHAUSTED
/// @param mostRequestsPerStream how many requests of one stream are under way, default 256; the
///   stream is not read further
/// @param leastKeepAlive the shortest time between two pings of a caller, default 4 s (Python's
///   callers ping every 10 s, some every 5 s)
/// @param grace how long accepted requests may take when the server stops, default 30 s
/// @param streamPause how long a stream stays open for more when the server stops, default 1 s
/// @param usesRequests endpoint → the bound endpoint whose method answers it; default none
/// @param batching endpoint → how documents of several requests are gathered for one call of its
///   method (Jina's `dynamic_batching`); default none
public record ServerOptions(
    String host,
    int port,
    @Nullable String inProcessName,
    int replica,
    int mostMessageBytes,
    int mostRequests,
    int mostRequestsPerStream,
    Duration leastKeepAlive,
    Duration grace,
    Duration streamPause,
    Map<String, String> usesRequests,
    Map<String, SizeOrTimeout> batching) {
  private static final int DEFAULT_MESSAGE_BYTES = 128 << 20;

  public ServerOptions {
    require("port", port, -1, 65_535);
    require("replica", replica, 0, Integer.MAX_VALUE);
    require("max_message_bytes", mostMessageBytes, 1, Integer.MAX_VALUE);
    require("max_requests", mostRequests, 1, Integer.MAX_VALUE);
    require("max_requests_per_stream", mostRequestsPerStream, 1, Integer.MAX_VALUE);
    if (port < 0 && inProcessName == null) {
      throw FlowException.invalid("port: none (expected: a port or an in-process name)");
    }
    usesRequests = Map.copyOf(usesRequests);
    batching = Map.copyOf(batching);
  }

  /// On a port of all addresses; 0 takes a free one.
  public static ServerOptions onPort(int port) {
    return defaults(port, null);
  }

  /// In this JVM only.
  public static ServerOptions inProcess(String name) {
    return defaults(-1, name);
  }

  private static ServerOptions defaults(int port, @Nullable String inProcessName) {
    return new ServerOptions(
        "0.0.0.0",
        port,
        inProcessName,
        0,
        DEFAULT_MESSAGE_BYTES,
        4096,
        256,
        Duration.ofSeconds(4),
        Duration.ofSeconds(30),
        Duration.ofSeconds(1),
        Map.of(),
        Map.of());
  }

  // The same options with one changed.

  public ServerOptions host(String host) {
    return with(draft -> draft.host = host);
  }

  public ServerOptions port(int port) {
    return with(draft -> draft.port = port);
  }

  public ServerOptions inProcessName(@Nullable String inProcessName) {
    return with(draft -> draft.inProcessName = inProcessName);
  }

  public ServerOptions replica(int replica) {
    return with(draft -> draft.replica = replica);
  }

  public ServerOptions mostMessageBytes(int mostMessageBytes) {
    return with(draft -> draft.mostMessageBytes = mostMessageBytes);
  }

  public ServerOptions mostRequests(int mostRequests) {
    return with(draft -> draft.mostRequests = mostRequests);
  }

  public ServerOptions mostRequestsPerStream(int mostRequestsPerStream) {
    return with(draft -> draft.mostRequestsPerStream = mostRequestsPerStream);
  }

  public ServerOptions leastKeepAlive(Duration leastKeepAlive) {
    return with(draft -> draft.leastKeepAlive = leastKeepAlive);
  }

  public ServerOptions grace(Duration grace) {
    return with(draft -> draft.grace = grace);
  }

  public ServerOptions streamPause(Duration streamPause) {
    return with(draft -> draft.streamPause = streamPause);
  }

  public ServerOptions usesRequests(Map<String, String> usesRequests) {
    return with(draft -> draft.usesRequests = usesRequests);
  }

  public ServerOptions batching(Map<String, SizeOrTimeout> batching) {
    return with(draft -> draft.batching = batching);
  }

  private ServerOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.options();
  }

  /// The label `runtime_name` of an executor.
  String runtimeName(String executor) {
    return executor + "/rep-" + replica;
  }

  private static void require(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw FlowException.invalid("%s: %d (expected: %d..%d)".formatted(name, value, least, most));
    }
  }

  /// The options while one of them is changed.
  private static final class Draft {
    private String host;
    private int port;
    private @Nullable String inProcessName;
    private int replica;
    private int mostMessageBytes;
    private int mostRequests;
    private int mostRequestsPerStream;
    private Duration leastKeepAlive;
    private Duration grace;
    private Duration streamPause;
    private Map<String, String> usesRequests;
    private Map<String, SizeOrTimeout> batching;

    Draft(ServerOptions from) {
      host = from.host;
      port = from.port;
      inProcessName = from.inProcessName;
      replica = from.replica;
      mostMessageBytes = from.mostMessageBytes;
      mostRequests = from.mostRequests;
      mostRequestsPerStream = from.mostRequestsPerStream;
      leastKeepAlive = from.leastKeepAlive;
      grace = from.grace;
      streamPause = from.streamPause;
      usesRequests = from.usesRequests;
      batching = from.batching;
    }

    ServerOptions options() {
      return new ServerOptions(
          host,
          port,
          inProcessName,
          replica,
          mostMessageBytes,
          mostRequests,
          mostRequestsPerStream,
          leastKeepAlive,
          grace,
          streamPause,
          usesRequests,
          batching);
    }
  }
}

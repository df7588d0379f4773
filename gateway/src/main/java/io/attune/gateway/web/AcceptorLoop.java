package io.attune.gateway.web;

import com.linecorp.armeria.common.Flags;
import com.linecorp.armeria.common.util.TransportType;
import com.linecorp.armeria.server.ServerBuilder;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// The thread on which a server accepts connections. It stops at once: Netty's own default waits
/// two seconds for further tasks, which a port that is closed does not get, and which everybody who
/// stops a Flow would wait for.
final class AcceptorLoop extends MultiThreadIoEventLoopGroup {
  private static final long CLOSE_SECONDS = 1;

  private AcceptorLoop(String name, IoHandlerFactory handlers) {
    super(1, new DefaultThreadFactory("attune-web-" + name, true), handlers);
  }

  /// Has a server accept so, with the transport that its connections have.
  static void in(ServerBuilder server) {
    if (Flags.transportType() == TransportType.EPOLL) {
      server.bossGroupFactory(name -> new AcceptorLoop(name, EpollIoHandler.newFactory()));
    } else if (Flags.transportType() == TransportType.NIO) {
      server.bossGroupFactory(name -> new AcceptorLoop(name, NioIoHandler.newFactory()));
    }
  }

  @Override
  public Future<?> shutdownGracefully() {
    return shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS);
  }
}

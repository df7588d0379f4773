package io.attune.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A wire between two ports that a test can cut.
final class CutProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final int target;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean dead;

  CutProxy(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /// Ends the connections that there are; new ones go through.
  void cut() throws IOException {
    for (Socket socket : List.copyOf(sockets)) { // a caller connects again while this goes on
      sockets.remove(socket);
      socket.close();
    }
  }

  /// Ends the connections and takes no more, as a machine that is gone.
  void die() throws IOException {
    dead = true; // an accept under way may still return a connection after close
    listener.close();
    cut();
  }

  @Override
  public void close() throws IOException {
    die();
  }

  private void accept() {
    while (!dead) {
      try {
        Socket near = listener.accept();
        Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.add(near);
        sockets.add(far);
        if (dead) {
          cut();
          return;
        }
        Thread.ofVirtual().start(() -> copy(near, far));
        Thread.ofVirtual().start(() -> copy(far, near));
      } catch (IOException _) {
        // closed, or the target is gone: the caller finds out
      }
    }
  }

  private static void copy(Socket from, Socket to) {
    try (from;
        to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      in.transferTo(out);
    } catch (IOException _) {
      // cut
    }
  }
}

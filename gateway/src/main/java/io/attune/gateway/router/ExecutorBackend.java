package io.attune.gateway.router;

import io.attune.gateway.message.Envelope;
import io.attune.runtime.channel.ExecutorChannel;
import io.attune.runtime.channel.RawAnswer;
import io.attune.runtime.error.Failures;
import io.grpc.Metadata;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// An executor behind its channel.
///
/// @param channel the way to it, which its owner closes
/// @param metadata what is sent with every call
/// @param timeoutReady how long it is waited for at the start; null for ever
public record ExecutorBackend(
    ExecutorChannel channel, Metadata metadata, @Nullable Duration timeoutReady)
    implements Backend {
  @Override
  public void call(List<Envelope> parts, Metadata headers, Reply reply) {
    headers.merge(metadata);
    CompletableFuture<RawAnswer> answer =
        parts.size() == 1
            ? channel.send(parts.getFirst().toByteString(), headers)
            : channel.sendJoined(Envelope.joined(parts), headers);
    var _ =
        answer.whenComplete((message, failure) -> {
          if (failure == null) {
            reply.answered(message);
          } else {
            reply.failed(Failures.from(failure));
          }
        });
  }

  @Override
  public String address() {
    return channel.addresses().toString();
  }
}

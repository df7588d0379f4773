package io.attune.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.runtime.ErrorCode;
import io.attune.runtime.FlowException;
import io.grpc.Status;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;

class FlowClientTest {
  @Test
  void aConnectionThatBrokeMayBeTriedAgain() {
    Status broken =
        Status.UNKNOWN.withDescription("channel closed").withCause(new ClosedChannelException());
    FlowException told = FlowClient.failureOf(broken.asRuntimeException(), "localhost:1");
    assertThat(told.code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(told).hasMessage("localhost:1 is not reachable: channel closed");
  }

  @Test
  void aFailureThatNobodyNamedIsInternal() {
    FlowException told =
        FlowClient.failureOf(
            Status.UNKNOWN.withDescription("a bug").asRuntimeException(), "localhost:1");
    assertThat(told.code()).isEqualTo(ErrorCode.INTERNAL);
    assertThat(told).hasMessage("a bug");
  }
}

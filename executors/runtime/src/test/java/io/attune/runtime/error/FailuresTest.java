package io.attune.runtime.error;

import static org.assertj.core.api.Assertions.assertThat;

import io.attune.runtime.ErrorCode;
import io.grpc.Status;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;

class FailuresTest {
  @Test
  void aConnectionThatBrokeMayBeTriedAgain() {
    Status broken =
        Status.UNKNOWN.withDescription("channel closed").withCause(new ClosedChannelException());

    assertThat(Failures.from(broken.asRuntimeException()).code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(Failures.from(Status.UNKNOWN.asRuntimeException()).code())
        .isEqualTo(ErrorCode.INTERNAL);
  }
}

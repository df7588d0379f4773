package io.attune.runtime.testing;

import io.attune.runtime.Endpoints;
import io.attune.runtime.ErrorCode;
import io.attune.runtime.Executor;
import io.attune.runtime.FlowException;

/// Fails every call: `/<ERROR_CODE>` with that code, `/bug` with an exception that is not ours,
/// `/error` with an [Error].
public final class FailingExecutor implements Executor {
  @Override
  public void bind(Endpoints endpoints) {
    for (ErrorCode code : ErrorCode.values()) {
      endpoints.read(
          "/" + code,
          call -> {
            throw new FlowException(code, "asked for " + code);
          });
    }
    endpoints.read(
        "/bug",
        call -> {
          throw new IllegalStateException("a bug");
        });
    endpoints.read(
        "/error",
        call -> {
          throw new StackOverflowError("too deep");
        });
  }
}

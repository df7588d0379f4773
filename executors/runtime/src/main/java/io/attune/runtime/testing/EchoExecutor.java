package io.attune.runtime.testing;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.attune.runtime.Answer;
import io.attune.runtime.Call;
import io.attune.runtime.Endpoints;
import io.attune.runtime.Executor;

/// Answers what it was sent: `/echo` the documents, `/count` their number as a result,
/// `/parameters` the parameters it saw as a result; `/index` and `/clear` are a write and an admin
/// endpoint that change nothing.
public final class EchoExecutor implements Executor {
  private volatile boolean closed;

  @Override
  public void bind(Endpoints endpoints) {
    endpoints
        .read("/echo", call -> Answer.unchanged())
        .read("/count", EchoExecutor::count)
        .read("/parameters", call -> Answer.results(call.parameters().struct()))
        .write("/index", call -> Answer.unchanged())
        .admin("/clear", call -> Answer.unchanged());
  }

  /// Whether it was closed.
  public boolean closed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
  }

  private static Answer count(Call call) {
    Value count = Value.newBuilder().setNumberValue(call.documents().size()).build();
    return Answer.results(Struct.newBuilder().putFields("count", count).build());
  }
}

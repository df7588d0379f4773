package io.attune.encoder;

import io.attune.runtime.Executor;
import io.attune.runtime.ExecutorContext;
import io.attune.runtime.ExecutorFactory;

/// Makes an [Encoder] for `uses: Encoder`; its options are in [EncoderOptions].
public final class EncoderFactory implements ExecutorFactory {
  @Override
  public Executor create(ExecutorContext context) {
    return Encoder.open(context);
  }
}

package io.attune.gateway.rollout;

/// Another coordinator took over: what this one knows does not count any more.
final class FencedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  FencedException(String message) {
    super(message);
  }
}

package io.attune.gateway.router;

import io.attune.gateway.message.Envelope;
import io.attune.runtime.CallMetadata;
import io.grpc.Metadata;

/// A request as a port received it.
///
/// @param request the request
/// @param said what the caller said beside it
/// @param forwarded the caller's metadata that executors get too
public record Inbound(Envelope request, CallMetadata said, Metadata forwarded) {
  private static final Metadata.Key<String> TRACE_PARENT = ascii("traceparent");
  private static final Metadata.Key<String> TRACE_STATE = ascii("tracestate");

  /// A request with nothing beside it.
  public static Inbound of(Envelope request) {
    return new Inbound(request, CallMetadata.NONE, new Metadata());
  }

  /// The part of a caller's metadata that executors get too: the W3C trace.
  public static Metadata forwarded(Metadata headers) {
    Metadata forwarded = new Metadata();
    String parent = headers.get(TRACE_PARENT);
    if (parent != null) {
      forwarded.put(TRACE_PARENT, parent);
      String state = headers.get(TRACE_STATE);
      if (state != null) {
        forwarded.put(TRACE_STATE, state);
      }
    }
    return forwarded;
  }

  private static Metadata.Key<String> ascii(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}

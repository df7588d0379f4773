package io.attune.flows;

/// What a gateway's port speaks.
public enum Protocol {
  GRPC,
  HTTP,
  WEBSOCKET
}

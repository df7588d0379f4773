package io.attune.runtime;

/// Where an executor declares its endpoints.
///
/// An endpoint's name is compared exactly. `/default` answers every endpoint that is not declared.
public interface Endpoints {
  /// Binds an endpoint that changes nothing.
  default Endpoints read(String endpoint, Handler handler) {
    return bind(endpoint, Access.READ, handler);
  }

  /// Binds an endpoint that changes documents.
  default Endpoints write(String endpoint, Handler handler) {
    return bind(endpoint, Access.WRITE, handler);
  }

  /// Binds an endpoint that changes how the Flow works.
  default Endpoints admin(String endpoint, Handler handler) {
    return bind(endpoint, Access.ADMIN, handler);
  }

  /// Binds an endpoint.
  ///
  /// @throws IllegalArgumentException where the endpoint is bound already
  Endpoints bind(String endpoint, Access access, Handler handler);
}

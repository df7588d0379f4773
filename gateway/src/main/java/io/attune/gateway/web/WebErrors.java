package io.attune.gateway.web;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.HttpResponseException;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.RequestTimeoutException;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.attune.runtime.error.Failures;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Errors outside of a request's way (unknown paths, oversized bodies, broken HTTP) as JSON,
/// telling nothing of the inside.
final class WebErrors implements ServerErrorHandler {
  @Override
  public @Nullable HttpResponse onServiceException(ServiceRequestContext context, Throwable cause) {
    return switch (cause) {
      case ContentTooLargeException large ->
          HttpResponse.of(
              HttpStatus.REQUEST_ENTITY_TOO_LARGE,
              MediaType.JSON,
              body(tooLarge(large.maxContentLength())));
      case RequestTimeoutException _ ->
          HttpResponse.of(
              HttpStatus.REQUEST_TIMEOUT,
              MediaType.JSON,
              body("body: not complete in time (expected: all of it)"));
      case HttpStatusException _, HttpResponseException _ -> null;
      default ->
          HttpResponse.of(
              HttpStatus.INTERNAL_SERVER_ERROR,
              MediaType.JSON,
              body(String.valueOf(Failures.from(cause).getMessage())));
    };
  }

  @Override
  public AggregatedHttpResponse renderStatus(
      @Nullable ServiceRequestContext context,
      ServiceConfig config,
      @Nullable RequestHeaders headers,
      HttpStatus status,
      @Nullable String description,
      @Nullable Throwable cause) {
    String what =
        status.equals(HttpStatus.REQUEST_ENTITY_TOO_LARGE)
            ? tooLarge(config.maxRequestLength())
            : description == null ? status.reasonPhrase() : description;
    return AggregatedHttpResponse.of(status, MediaType.JSON, body(what));
  }

  private static String tooLarge(long most) {
    return "body: larger than " + most + " bytes (expected: at most that)";
  }

  private static HttpData body(String detail) {
    return HttpData.wrap(JsonAnswers.bytes(Map.of("detail", detail)));
  }
}

package io.attune.runtime.channel;

import com.google.protobuf.ByteString;

/// An executor's answer as bytes.
///
/// @param message a DataRequestProto
/// @param error whether the executor says (by the trailer `is-error`) that it failed; the header
///   then tells how, and nothing downstream is to be called
public record RawAnswer(ByteString message, boolean error) {}

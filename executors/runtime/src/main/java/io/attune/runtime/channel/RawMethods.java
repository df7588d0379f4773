package io.attune.runtime.channel;

import com.google.protobuf.ByteString;
import io.attune.proto.jina.JinaDataRequestRPCGrpc;
import io.attune.proto.jina.JinaRPCGrpc;
import io.attune.proto.jina.JinaSingleDataRequestRPCGrpc;
import io.grpc.MethodDescriptor;

/// Jina's RPCs with their messages as bytes. Name, kind and schema are those of the generated ones.
public final class RawMethods {
  /// `JinaSingleDataRequestRPC.process_single_data`: a DataRequestProto for a DataRequestProto.
  public static final MethodDescriptor<ByteString, ByteString> SINGLE =
      raw(JinaSingleDataRequestRPCGrpc.getProcessSingleDataMethod());

  /// `JinaDataRequestRPC.process_data`: a DataRequestListProto for a DataRequestProto.
  public static final MethodDescriptor<ByteString, ByteString> JOINED =
      raw(JinaDataRequestRPCGrpc.getProcessDataMethod());

  /// `JinaRPC.Call`: a stream of DataRequestProto for a stream of DataRequestProto.
  public static final MethodDescriptor<ByteString, ByteString> STREAM =
      raw(JinaRPCGrpc.getCallMethod());

  private RawMethods() {}

  private static MethodDescriptor<ByteString, ByteString> raw(MethodDescriptor<?, ?> method) {
    return method.toBuilder(BytesMarshaller.INSTANCE, BytesMarshaller.INSTANCE).build();
  }
}

"""Writes golden/wire.txt: the fields and methods of the wire, as the real jina and docarray declare them.

Run with docarray==0.21.* and the unpacked wheel of jina==3.23.1 (it need not be importable):
    python golden_wire.py WHEEL_FOLDER

A line for each field: message, name, number, label, type, presence. A line for each method: service, method, request,
answer.
"""

import ast
import sys
from pathlib import Path

import docarray
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto

from golden import write


def descriptor(path):
    """The serialised file descriptor that generated code holds, without running the code."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, bytes) and b".proto" in node.value:
            return FileDescriptorProto.FromString(node.value)
    raise ValueError(path)


def fields(prefix, message):
    name = f"{prefix}.{message.name}"
    for field in message.field:
        label = FieldDescriptorProto.Label.Name(field.label)[6:].lower()
        kind = FieldDescriptorProto.Type.Name(field.type)[5:].lower()
        presence = "-"
        if field.HasField("oneof_index"):
            presence = "optional" if field.proto3_optional else message.oneof_decl[field.oneof_index].name
        yield f"{name} {field.name} {field.number} {label} {field.type_name.lstrip('.') or kind} {presence}"
    for nested in message.nested_type:
        yield from fields(name, nested)
    for enum in message.enum_type:
        for value in enum.value:
            yield f"{name}.{enum.name} {value.name} {value.number}"


def lines(file):
    for message in file.message_type:
        yield from fields(file.package, message)
    for service in file.service:
        for method in service.method:
            request = "stream " * method.client_streaming + method.input_type.lstrip(".")
            answer = "stream " * method.server_streaming + method.output_type.lstrip(".")
            yield f"{file.package}.{service.name} {method.name} {request} -> {answer}"


jina = descriptor(Path(sys.argv[1]) / "jina/proto/docarray_v1/pb/jina_pb2.py")
v1 = descriptor(Path(docarray.__file__).parent / "proto/pb/docarray_pb2.py")
write("wire.txt", ("\n".join(sorted([*lines(jina), *lines(v1)])) + "\n").encode())

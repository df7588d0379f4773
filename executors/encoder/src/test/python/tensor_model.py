"""Writes a model that takes tensors, and its goldens: mean over the rows, then a linear layer.

    pip install onnx onnxruntime numpy
    python tensor_model.py ../resources/io/attune/encoder
"""

import json
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

folder = sys.argv[1]
random = np.random.default_rng(5)
weight = numpy_helper.from_array(random.normal(size=(3, 4)).astype(np.float32), 'weight')
graph = helper.make_graph(
    [helper.make_node('ReduceMean', ['rows'], ['mean'], axes=[1], keepdims=0),
     helper.make_node('MatMul', ['mean', 'weight'], ['embedding'])],
    'tensors',
    [helper.make_tensor_value_info('rows', TensorProto.FLOAT, ['batch', 'count', 3])],
    [helper.make_tensor_value_info('embedding', TensorProto.FLOAT, ['batch', 4])],
    [weight])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 13)], ir_version=8)
onnx.checker.check_model(model)
onnx.save(model, f'{folder}/tensors.onnx')

session = onnxruntime.InferenceSession(f'{folder}/tensors.onnx')
cases = []
for rows in (1, 2, 5):
    tensor = random.integers(-8, 8, size=(rows, 3)).astype(np.float32)
    embedding = session.run(None, {'rows': tensor[None]})[0][0]
    cases.append({'tensor': tensor.ravel().tolist(), 'shape': list(tensor.shape), 'embedding': embedding.tolist()})
with open(f'{folder}/tensors.json', 'w') as f:
    json.dump({'cases': cases}, f, indent=1)
    f.write('\n')

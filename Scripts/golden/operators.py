"""Writes Tests/Fixtures/operators: for each operator's examples, what ONNX Runtime computes.

The examples come from the operators' definitions in Sources/BantamGraph/Operators. A test writes them to a folder, and
this script builds a model of one node for each and runs it:

    BANTAM_DUMP_EXAMPLES=/tmp/examples swift test --filter ExampleDump      (the folder must exist)
    python Scripts/golden/operators.py /tmp/examples

Run both from the repository's root whenever an example is added or changed. Needs onnx==1.16.2, onnxruntime,
safetensors and numpy, in any virtual environment.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from safetensors import safe_open
from safetensors.numpy import save_file

FOLDER = Path("Tests/Fixtures/operators")
# What Bantam writes by default; what it writes for newer operators; and the form of older models, where a definition
# takes that too.
OPSETS = [17, 21, 11]


def attribute(name, description, tensors):
    (kind, value), = description.items()
    if kind == "tensor":
        return helper.make_attribute(name, numpy_helper.from_array(tensors[f"attribute.{name}"]))
    if kind == "graph":
        sys.exit(f"{name}: attributes that are graphs are not supported")
    types = {
        "int": onnx.AttributeProto.INT, "float": onnx.AttributeProto.FLOAT, "string": onnx.AttributeProto.STRING,
        "ints": onnx.AttributeProto.INTS, "floats": onnx.AttributeProto.FLOATS, "strings": onnx.AttributeProto.STRINGS,
    }
    # JSON has one kind of number.
    if kind.startswith("float"):
        value = float(value) if kind == "float" else [float(number) for number in value]
    return helper.make_attribute(name, value, attr_type=types[kind])


def model(node, tensors, opset):
    """The node alone. Results in bfloat16, which numpy lacks, are widened."""
    outputs = [f"output{index}" for index in range(node["outputCount"])]
    nodes = [helper.make_node(
        node["name"], [name or "" for name in node["inputs"]], outputs, name="node", domain=node["domain"])]
    nodes[0].attribute.extend(attribute(name, value, tensors) for name, value in node["attributes"].items())
    if node["attributes"].get("to") == {"int": TensorProto.BFLOAT16}:
        nodes.append(helper.make_node("Cast", outputs, ["widened"], to=TensorProto.FLOAT))
        outputs = ["widened"]
    inputs = [name for name in node["inputs"] if name and name not in node["constants"]]
    graph = helper.make_graph(
        nodes, node["name"],
        [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(tensors[name].dtype), tensors[name].shape)
         for name in inputs],
        [helper.make_empty_tensor_value_info(name) for name in outputs],
        [numpy_helper.from_array(tensors[name], name) for name in node["constants"]])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
    # Only inference knows the outputs' types, which the runtime demands.
    inferred = onnx.shape_inference.infer_shapes(made, check_type=True, strict_mode=True, data_prop=True)
    for output in inferred.graph.output:
        # onnx 1.16 infers nothing for GroupNormalization.
        if not output.type.tensor_type.HasField("shape"):
            output.type.CopyFrom(inferred.graph.input[0].type)
    onnx.checker.check_model(inferred, full_check=True)
    return inferred, inputs


def run(node, tensors):
    failures = []
    for opset in OPSETS:
        try:
            made, inputs = model(node, tensors, opset)
            session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
            return session.run(None, {name: tensors[name] for name in inputs})
        except Exception as failure:  # The runtime's, the checker's and inference's have no common type.
            failures.append(f"opset {opset}: {failure}")
    raise RuntimeError("\n".join(failures))


def main(folder):
    FOLDER.mkdir(parents=True, exist_ok=True)
    for stale in FOLDER.glob("*.safetensors"):
        stale.unlink()
    failed = total = 0
    for path in sorted(Path(folder).glob("*.safetensors")):
        results, metadata = {}, {}
        with safe_open(path, framework="numpy") as file:
            everything = {name: file.get_tensor(name) for name in file.keys()}
            metadata = file.metadata()
        for number, description in sorted(metadata.items(), key=lambda item: int(item[0])):
            prefix = f"{number}/"
            tensors = {name[len(prefix):]: data for name, data in everything.items() if name.startswith(prefix)}
            try:
                outputs = run(json.loads(description), tensors)
            except RuntimeError as failure:
                print(f"{path.stem}, example {number}: {failure}")
                failed += 1
                continue
            results |= {prefix + name: data for name, data in tensors.items()}
            results |= {f"{prefix}output{index}": np.ascontiguousarray(data) if data.ndim else data
                        for index, data in enumerate(map(np.asarray, outputs))}
        save_file(results, FOLDER / path.name, metadata=metadata)
        total += (FOLDER / path.name).stat().st_size
    print(f"{total} bytes; {failed} examples failed")
    sys.exit(failed > 0)


main(sys.argv[1])

public import BantamGraph

/// Attention and tokens as exporters write them.
extension TinyGraphs {
    /// Attention of two heads within windows of 2 x 2 tokens, with cosines for scores, as in Swin Transformer V2: one
    /// layer makes queries, keys and values, each head has a scale and a table of relative positions.
    public static func windowAttention() -> Graph {
        model("window_attention") { build in
            let (width, heads, headWidth) = (12, 2, 6)
            let image = build.image(3, 8, 8)
            let embedded = build.convolution(image, "embed", from: 3, to: width, kernel: [3, 3], strides: [2, 2])
            let x = build.transpose(embedded, "channels_last", [0, 2, 3, 1])  // [N, 4, 4, D]
            let cut = build.reshape(x, "cut", to: [-1, 2, 2, 2, 2, width])
            let ordered = build.transpose(cut, "cut.order", [0, 1, 3, 2, 4, 5])
            let windows = build.reshape(ordered, "windows", to: [-1, 4, width])  // [N*4, L, D]
            let projected = build.projection(windows, "qkv", from: width, to: 3 * width)
            let biased = build.node("Add", [projected, build.weight("qkv.bias", [3 * width])], name: "qkv.add")
            let split = build.reshape(biased, "heads", to: [-1, 4, 3, heads, headWidth])
            let parts = build.transpose(split, "parts", [2, 0, 3, 1, 4])  // [3, N*4, heads, L, d]
            let (query, key, value) = (
                build.entry(0, of: parts, "query"), build.entry(1, of: parts, "key"), build.entry(2, of: parts, "value")
            )
            let repeated = build.constant("repeated", TensorData([4], [1, 1, 1, Int64(headWidth)]))
            let norm = build.node("Expand", [build.norm(query, "query.norm"), repeated], name: "query.expand")
            let direction = build.node("Div", [query, norm], name: "query.direction")
            let turned = build.transpose(
                build.node("Div", [key, build.norm(key, "key.norm")], name: "key.direction"), "key.turn", [0, 1, 3, 2])
            let cosines = build.node("MatMul", [direction, turned], name: "cosines")  // [N*4, heads, L, L]
            let scaled = build.node("Mul", [cosines, build.weight("scale", [heads, 1, 1], in: 1...4)], name: "scaled")
            let places = build.node("Add", [scaled, build.weight("places", [1, heads, 4, 4])], name: "places.add")
            let shares = build.node("Softmax", [places], name: "softmax", attributes: ["axis": .int(-1)])
            let mixed = build.node("MatMul", [shares, value], name: "mixed")
            let merged = build.reshape(build.transpose(mixed, "back", [0, 2, 1, 3]), "merge", to: [-1, 4, width])
            let out = build.projection(merged, "out", from: width, to: width)
            let apart = build.reshape(out, "apart", to: [-1, 2, 2, 2, 2, width])
            let whole = build.reshape(
                build.transpose(apart, "apart.order", [0, 1, 3, 2, 4, 5]), "whole", to: [-1, 4, 4, width])
            let sum = build.node("Add", [x, whole], name: "add")
            let mean = build.node(
                "ReduceMean", [sum], name: "mean", attributes: ["axes": .ints([1, 2]), "keepdims": .int(0)])
            return build.linear(mean, "classifier", from: width, to: 3)
        }
    }

    /// Attention of three heads that share an axis with the batch, as PyTorch's own layer is exported.
    ///
    /// - Parameter isUnfolded: Whether batch and heads are told apart again for the products.
    public static func batchedAttention(isUnfolded: Bool = true) -> Graph {
        model(isUnfolded ? "batched_attention" : "batched_attention_folded") { build in
            let (width, heads, headWidth, tokens) = (12, 3, 4, 16)
            let image = build.image(3, 8, 8)
            let embedded = build.convolution(image, "embed", from: 3, to: width, kernel: [3, 3], strides: [2, 2])
            let flat = build.reshape(embedded, "flatten", to: [0, width, tokens])  // [N, D, L]
            let x = build.transpose(flat, "tokens", [2, 0, 1])  // [L, N, D]
            func split(_ name: String, _ build: inout GraphBuilder) -> ValueID {
                let projected = build.projection(x, name, from: width, to: width)
                let parts = build.reshape(projected, "\(name).heads", to: [tokens, -1, headWidth])
                let turned = build.transpose(parts, "\(name).turn", [1, 0, 2])  // [N*heads, L, d]
                return isUnfolded
                    ? build.reshape(turned, "\(name).unfold", to: [-1, heads, tokens, headWidth]) : turned
            }
            let (query, key, value) = (split("query", &build), split("key", &build), split("value", &build))
            let turned = build.transpose(key, "key.across", isUnfolded ? [0, 1, 3, 2] : [0, 2, 1])
            let scores = build.node("MatMul", [query, turned], name: "scores")
            let shares = build.node("Softmax", [scores], name: "softmax", attributes: ["axis": .int(-1)])
            let mixed = build.node("MatMul", [shares, value], name: "mixed")
            let back = build.transpose(mixed, "back", isUnfolded ? [2, 0, 1, 3] : [1, 0, 2])  // [L, N, heads, d]
            let merged = build.reshape(back, "merge", to: [tokens, -1, width])
            let sum = build.node("Add", [x, build.projection(merged, "out", from: width, to: width)], name: "add")
            let mean = build.node(
                "ReduceMean", [sum], name: "mean", attributes: ["axes": .ints([0]), "keepdims": .int(0)])
            return build.linear(mean, "classifier", from: width, to: 3)
        }
    }

    /// Pixels at the same place of 2 x 2 patches as tokens, as in MobileViT: on the way channels share an axis with the
    /// batch and with rows.
    public static func patches() -> Graph {
        model("patches") { build in
            let width = 6
            let image = build.image(3, 8, 8)
            let embedded = build.convolution(image, "embed", from: 3, to: width, kernel: [3, 3], strides: [2, 2])
            let rows = build.reshape(embedded, "rows", to: [-1, 2, 2, 2])  // [N*C*2, 2, 2, 2]
            let turned = build.transpose(rows, "turn", [0, 2, 1, 3])
            let cut = build.reshape(turned, "patches", to: [-1, width, 4, 4])  // [N, C, patches, pixels]
            let tokens = build.reshape(build.transpose(cut, "tokens", [0, 3, 2, 1]), "places", to: [-1, 4, width])
            let mixed = build.relu(build.projection(tokens, "mix", from: width, to: 8), "relu")
            let sum = build.node("Add", [tokens, build.projection(mixed, "out", from: 8, to: width)], name: "add")
            let apart = build.reshape(sum, "apart", to: [-1, 16, width])
            let mean = build.node(
                "ReduceMean", [apart], name: "mean", attributes: ["axes": .ints([1]), "keepdims": .int(0)])
            return build.linear(mean, "classifier", from: width, to: 3)
        }
    }
}

extension GraphBuilder {
    /// One entry along axis 0, without that axis.
    fileprivate mutating func entry(_ index: Int, of x: ValueID, _ name: String) -> ValueID {
        let indices = constant("\(name).index", TensorData(scalar: Int64(index)))
        return node("Gather", [x, indices], name: name, attributes: ["axis": .int(0)])
    }

    /// The lengths of the rows, none of them zero.
    fileprivate mutating func norm(_ x: ValueID, _ name: String) -> ValueID {
        let norm = node("ReduceL2", [x], name: name, attributes: ["axes": .ints([-1]), "keepdims": .int(1)])
        return node("Clip", [norm, constant("\(name).least", TensorData(scalar: Float(1e-6)))], name: "\(name).clip")
    }
}

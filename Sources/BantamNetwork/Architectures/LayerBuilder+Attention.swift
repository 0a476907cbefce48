public import BantamGraph

// What transformers are made of: layers over tokens `[N, ..., L, D]`, whose features lie along the last axis.

extension LayerBuilder {
    /// `y = x W + b` for each token. The weight is `[in, out]`.
    ///
    /// - Parameter input: `[..., in]`
    public mutating func projection(
        _ input: ValueID, _ name: String, features: (input: Int, output: Int)
    ) -> ValueID {
        let fans = Fans(input: features.input, output: features.output)
        let parameters = weights(
            name, [features.input, features.output], fans: fans, biasCount: features.output)
        let product = graph.node("MatMul", [input, parameters[0]], name: name)
        return add(product, parameters[1], "\(name).add")
    }

    /// Normalizes each token by itself: Ba et al., *Layer Normalization*, 2016.
    ///
    /// - Parameter input: `[..., features]`
    public mutating func layerNorm(
        _ input: ValueID, _ name: String, features: Int, epsilon: Float = 1e-6
    ) -> ValueID {
        let parameters = [("weight", Float(1)), ("bias", 0)].map {
            graph.constant("\(name).\($0.0)", TensorData([features], [Float](repeating: $0.1, count: features)))
        }
        return graph.node(
            "LayerNormalization", [input] + parameters, name: name,
            attributes: ["axis": .int(-1), "epsilon": .float(epsilon)])
    }

    /// Two projections with a GELU between them, for each token.
    public mutating func feedForward(_ input: ValueID, _ name: String, features: Int, hidden: Int) -> ValueID {
        let x = projection(input, "\(name).fc1", features: (features, hidden))
        let active = graph.node("Gelu", [x], name: "\(name).act")
        return projection(active, "\(name).fc2", features: (hidden, features))
    }

    /// Self-attention of several heads: each token of a group looks at all tokens of that group.
    ///
    /// - Parameters:
    ///   - tokens: `[N, L, features]`, or `[N, G, L, features]` for `G` groups.
    ///   - hasGroups: Whether there is an axis of groups.
    ///   - mask: Which tokens see which, `[G, 1, L, L]`: by rows, who looks. By default all see all.
    /// - Reference: Vaswani et al., *Attention Is All You Need*, NeurIPS 2017.
    public mutating func attention(
        _ tokens: ValueID, _ name: String, features: Int, heads: Int, hasGroups: Bool = false,
        mask: TensorData? = nil
    ) -> ValueID {
        let outer = hasGroups ? [0, 1] : [0]
        let (token, head, feature) = (outer.count, outer.count + 1, outer.count + 2)
        func split(_ build: inout LayerBuilder, _ part: String, _ order: [Int]) -> ValueID {
            let x = build.projection(tokens, "\(name).\(part)", features: (features, features))
            let parts = build.reshape(x, outer.map { _ in 0 } + [0, heads, -1], "\(name).\(part).heads")
            return build.transpose(parts, outer + order, "\(name).\(part).transpose")
        }
        var query = split(&self, "query", [head, token, feature])  // [N, G, heads, L, d]
        let key = split(&self, "key", [head, feature, token])  // [N, G, heads, d, L]
        let value = split(&self, "value", [head, token, feature])  // [N, G, heads, L, d]
        let scale = 1 / Float(features / heads).squareRoot()
        query = multiply(query, graph.constant("\(name).factor", TensorData(scalar: scale)), "\(name).scaled")
        var scores = graph.node("MatMul", [query, key], name: "\(name).scores")  // [N, G, heads, L, L]
        if let mask { scores = masked(scores, by: mask, "\(name).mask") }
        let shares = graph.node("Softmax", [scores], name: "\(name).softmax", attributes: ["axis": .int(-1)])
        let mixed = graph.node("MatMul", [shares, value], name: "\(name).mixed")  // [N, G, heads, L, d]
        let back = transpose(mixed, outer + [head, token, feature], "\(name).back")  // [N, G, L, heads, d]
        let merged = reshape(back, outer.map { _ in 0 } + [0, -1], "\(name).merge")  // [N, G, L, features]
        return projection(merged, "\(name).out", features: (features, features))
    }

    /// Low scores where the mask is false. Not infinitely low: a token that nothing sees would have no mean, and
    /// integers have no infinity.
    private mutating func masked(_ scores: ValueID, by mask: TensorData, _ name: String) -> ValueID {
        let low = graph.constant("\(name).low", TensorData(scalar: Float(-100)))
        return graph.node("Where", [graph.constant(name, mask), scores, low], name: "\(name).where")
    }

    /// Puts tokens that see one another into groups.
    ///
    /// - Parameter tokens: `[N, L, D]`
    /// - Returns: `[N, G, S, D]`
    public mutating func grouped(_ tokens: ValueID, _ groups: TokenGroups, _ name: String) -> ValueID {
        guard !groups.isInOrder else {
            return reshape(tokens, [0, groups.count, groups.size, -1], "\(name).split")
        }
        let indices = graph.constant(
            "\(name).tokens", TensorData([groups.count, groups.size], groups.tokens.map { Int64($0 ?? 0) }))
        return graph.node("Gather", [tokens, indices], name: "\(name).gather", attributes: ["axis": .int(1)])
    }

    /// Puts tokens in groups back in their order: `[N, G, S, D]` to `[N, L, D]`.
    public mutating func ungrouped(_ tokens: ValueID, _ groups: TokenGroups, _ name: String) -> ValueID {
        let x = reshape(tokens, [0, groups.count * groups.size, -1], "\(name).join")
        guard !groups.isInOrder else { return x }
        let places = integers("\(name).places", groups.places)
        return graph.node("Gather", [x, places], name: "\(name).return", attributes: ["axis": .int(1)])
    }
}

public import BantamGraph

extension Graph {
    /// The last layer that has a learned weight of two axes or more.
    var classifier: Node? {
        let learned = Set(parameters)
        return nodes.values.last { node in
            node.inputs.contains { input in
                input.map { learned.contains($0) && (constants[$0]?.shape.rank ?? 0) > 1 } ?? false
            }
        }
    }

    /// What the classifier reads; `nil` where that is not one value.
    var features: ValueID? {
        let read = Set(classifier?.inputs.compactMap(\.self).filter { constants[$0] == nil } ?? [])
        return read.count == 1 ? read.first : nil
    }

    /// The learned constants of all layers but the classifier.
    var backbone: Set<ValueID> {
        guard let classifier else { return [] }
        // A bias may be added by a node of its own.
        let readers = classifier.outputs.compactMap(\.self).flatMap { consumers(of: $0) }.compactMap { nodes[$0] }
        let kept = ([classifier] + readers).flatMap { $0.inputs.compactMap(\.self) }
        return Set(parameters).subtracting(kept)
    }

    /// Whether the model has normalization layers.
    public var isNormalized: Bool { nodes.values.contains(where: \.isNormalization) }

    /// Whether a normalization layer differs from what networks begin with: factors of 1, shifts of 0, and running
    /// statistics of 0 and 1.
    ///
    /// Tells a model whose layers have learned from one that was only just made. Of a model without normalization, or where
    /// that is folded into other layers, nothing is known.
    var hasLearnedNormalization: Bool {
        nodes.values.contains { node in
            guard node.isNormalization else { return false }
            return node.inputs.dropFirst().compactMap(\.self).contains { input in
                guard let numbers = constants[input]?.doubles(), let first = numbers.first else { return false }
                return numbers.contains { $0 != first }
            }
        }
    }
}

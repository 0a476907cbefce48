/// A number in a constant that must not be there: NaN anywhere, infinity in a learned weight.
public struct NonFiniteConstant {
    /// In row-major order.
    public var element: Int
    /// NaN or an infinity.
    public var number: Double
    /// The node that computes with it.
    public var reader: Node?
}

extension Graph {
    /// The first number of a constant that is NaN, or that is infinite where the constant is a learned weight.
    ///
    /// - Complexity: O(elements).
    public func nonFiniteConstant(_ value: ValueID) -> NonFiniteConstant? {
        guard let data = constants[value], let first = data.firstElement(.notFinite) else { return nil }
        let reader = consumers(of: value).first.map { self[$0] }
        if let found = data.firstElement(.notANumber) {
            return NonFiniteConstant(element: found, number: .nan, reader: reader)
        }
        guard let learner = firstLearner(of: value) else { return nil }
        return NonFiniteConstant(
            element: first, number: data.isNegative(first) ? -.infinity : .infinity, reader: learner)
    }

    /// The first node that multiplies with a constant or normalizes by it, directly or behind nodes that only unpack
    /// it.
    private func firstLearner(of constant: ValueID) -> Node? {
        var front = [constant]
        var seen: Set<ValueID> = [constant]
        var learners: [NodeID] = []
        while let value = front.popLast() {
            for id in consumers(of: value) {
                let node = self[id]
                guard let definition = Operators.definition(named: node.operatorName, domain: node.domain) else {
                    continue
                }
                if definition.unpacksWeights, node.inputs.first == .some(value) {
                    front += node.outputs.compactMap(\.self).filter { seen.insert($0).inserted }
                } else if node.inputs.indices.contains(where: {
                    node.inputs[$0] == value && definition.needsFiniteNumbers(in: $0, of: node)
                }) {
                    learners.append(id)
                }
            }
        }
        return firstInOrder(learners).map { self[$0] }
    }
}

extension Operator {
    /// Whether an infinite constant in the slot can only be a mistake: learned weights and statistics, and factors of a
    /// product.
    static func needsFiniteNumbers(in position: Int, of node: Node) -> Bool {
        switch slot(at: position)?.role {
        case .weight, .bias, .statistic: true
        case .operand:
            zeroPreservation(
                of: NodeContext(node: node, inputTypes: [], constants: node.inputs.map { _ in nil })
            ).isProduct(with: position)
        default: false
        }
    }
}

extension ZeroPreservation {
    fileprivate func isProduct(with slot: Int) -> Bool {
        if case .whereAny(let slots) = self { slots.contains(slot) } else { false }
    }
}

extension TensorData {
    /// Numbers outside the finite ones.
    fileprivate enum Irregularity {
        case notFinite, notANumber
    }

    /// The position, in row-major order, of the first element of that kind.
    fileprivate func firstElement(_ kind: Irregularity) -> Int? {
        switch dtype {
        case .float64: firstElement(UInt64.self, kind, exponent: 0x7FF0_0000_0000_0000)
        case .float32: firstElement(UInt32.self, kind, exponent: 0x7F80_0000)
        case .float16: firstElement(UInt16.self, kind, exponent: 0x7C00)
        case .bfloat16: firstElement(UInt16.self, kind, exponent: 0x7F80)
        default: nil
        }
    }

    /// In every IEEE 754 format an exponent of all ones marks infinities, and NaN where the fraction is not zero.
    private func firstElement<Bits: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
        _: Bits.Type, _ kind: Irregularity, exponent: Bits
    ) -> Int? {
        let fraction = exponent & (~exponent + 1) - 1
        return withUnsafeBytes { bytes in
            (0..<elementCount).first {
                let bits = bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Bits>.size, as: Bits.self)
                return bits & exponent == exponent && (kind == .notFinite || bits & fraction != 0)
            }
        }
    }

    /// The sign bit is the highest of the last byte.
    fileprivate func isNegative(_ element: Int) -> Bool {
        withUnsafeBytes { $0[(element + 1) * dtype.bitWidth / 8 - 1] & 0x80 != 0 }
    }
}

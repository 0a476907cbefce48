import BantamEdge
import BantamGraph
import Testing

/// The path of a model that `Scripts/golden/edge_models.py` wrote.
func fixture(_ name: String) -> String {
    let tests = #filePath.range(of: "/BantamEdgeTests/").map { String(#filePath[..<$0.lowerBound]) } ?? "Tests"
    return "\(tests)/Fixtures/edge/\(name).onnx"
}

/// The script's `ramp`: 0, 1/8, 2/8, ... 12/8, 0, ... minus 3/4.
func ramp(_ shape: Shape) -> TensorData {
    TensorData(shape, (0..<shape.elementCount).map { Float($0 % 13) / 8 - 0.75 })
}

extension String {
    fileprivate func range(of text: String) -> Range<String.Index>? {
        indices.lazy.compactMap { start -> Range<String.Index>? in
            self[start...].hasPrefix(text) ? start..<self.index(start, offsetBy: text.count) : nil
        }.first
    }
}

extension TensorData {
    /// Whether every element is within `tolerance` of `expected`.
    func isClose(to expected: [Float], tolerance: Float = 1e-5) -> Bool {
        guard dtype == .float32, elementCount == expected.count else { return false }
        return zip(elements(of: Float.self), expected).allSatisfy { abs($0 - $1) <= tolerance }
    }
}

/// What ONNX Runtime gives for the fixtures on `ramp`, as printed by the script.
enum Expected {
    static let conv2d: [Float] = [0.3234375, 0.09296875, 0.65]
    static let conv2dBatchOfThree: [Float] = [
        0.3234375, 0.09296875, 0.65, 0.2859375, 0.1195313, 0.6039063, 0.29375, 0.0265625, 0.5273438,
    ]
    static let conv3d: [Float] = [0.090625, 0.1270833]
    static let conv2dInt8: [Float] = [
        1.578125, 1.5625, 0.9375, 0.078125, -0.953125, -1.171875, -0.6953125, -0.8828125, -0.6640625, -0.6171875,
        -0.1953125, 0.6328125, -0.125, 2.53125, 0.71875, 1.78125, 2.40625, 0.1875,
    ]
}

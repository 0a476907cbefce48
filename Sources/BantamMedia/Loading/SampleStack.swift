import BantamGraph

/// The inputs of a batch while they are written, sample by sample.
struct SampleStack {
    private let count: Int
    /// float32 `[N, C, H, W]` or `[N, C, T, H, W]`; `nil` before the first sample.
    private(set) var inputs: TensorData?
    /// Of one sample; `nil` before the first.
    private var shape: Shape?

    init(count: Int) {
        self.count = count
    }

    /// An empty stack for one more sample of the same shape.
    func forOneMore() -> SampleStack {
        var stack = SampleStack(count: 1)
        stack.shape = shape
        return stack
    }

    /// - Parameter write: Is given where the sample begins, and its shape.
    /// - Throws: `differentExtents` where the sample does not have the others' shape.
    mutating func setRow(
        _ row: Int, shape sampleShape: Shape, _ write: (UnsafeMutablePointer<Float>, Shape) -> Void
    ) throws(MediaError) {
        let expected = shape ?? sampleShape
        guard sampleShape == expected else {
            throw .differentExtents(sampleShape.dimensions, expected: expected.dimensions)
        }
        shape = expected
        if inputs == nil { inputs = TensorData(zeros: TensorType(.float32, Shape([count] + expected.dimensions))) }
        inputs?.withUnsafeMutableElements(of: Float.self) { elements in
            guard let target = elements.baseAddress else { return }
            write(target + row * expected.elementCount, expected)
        }
    }

    /// Puts a rectangle of another sample in the place of the same one, in all channels and frames.
    ///
    /// - Parameter other: One sample of the same shape.
    /// - Returns: The rectangle's share of the image, 0...1.
    mutating func paste(_ rectangle: AugmentationDraw.Rectangle, of other: SampleStack, to row: Int) -> Float {
        guard let shape, other.shape == shape else {
            preconditionFailure("samples of \(String(describing: self.shape)) and \(String(describing: other.shape))")
        }
        let (height, width) = (shape[shape.rank - 2], shape[shape.rank - 1])
        let part = rectangle.rectangle(in: ImageExtent(width: width, height: height))
        let planes = shape.elementCount / (height * width)
        let source = other.inputs?.elements(of: Float.self) ?? []
        inputs?.withUnsafeMutableElements(of: Float.self) { elements in
            for plane in 0..<planes {
                for y in part.rows {
                    let start = (plane * height + y) * width
                    for x in part.columns { elements[row * shape.elementCount + start + x] = source[start + x] }
                }
            }
        }
        return Float(part.rows.count * part.columns.count) / Float(height * width)
    }
}

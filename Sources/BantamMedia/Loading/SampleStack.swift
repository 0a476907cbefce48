import BantamGraph
import Glibc

/// The inputs of a batch while they are written, sample by sample.
struct SampleStack {
    private let count: Int
    private let elementType: Preprocessing.ElementType
    /// `[N, C, H, W]` or `[N, C, T, H, W]`, or with the channels last; `nil` before the first sample.
    private(set) var inputs: TensorData?
    /// Of one sample; `nil` before the first.
    private(set) var layout: SampleLayout?

    init(count: Int, _ elementType: Preprocessing.ElementType) {
        self.count = count
        self.elementType = elementType
    }

    /// An empty stack for one more sample of the same shape.
    func forOneMore() -> SampleStack {
        var stack = SampleStack(count: 1, elementType)
        stack.layout = layout
        return stack
    }

    /// - Parameter write: Is given where the sample begins, and its layout.
    /// - Throws: `differentExtents` where the sample does not have the others' shape; `tooLarge` before memory is taken
    ///   that the machine does not have; and what `write` throws.
    mutating func setRow(
        _ row: Int, _ sampleLayout: SampleLayout,
        _ write: (UnsafeMutableRawPointer, SampleLayout) throws(MediaError) -> Void
    ) throws(MediaError) {
        let expected = layout ?? sampleLayout
        guard sampleLayout == expected else {
            throw .differentExtents(sampleLayout.shape.dimensions, expected: expected.shape.dimensions)
        }
        layout = expected
        if inputs == nil { inputs = try Self.zeros(count, expected.shape, elementType) }
        let rowBytes = expected.shape.elementCount * elementType.byteCount
        try inputs?.withUnsafeMutableBytes { (bytes) throws(MediaError) in
            guard let target = bytes.baseAddress else { return }
            try write(target + row * rowBytes, expected)
        }
    }

    private static func zeros(
        _ count: Int, _ shape: Shape, _ elementType: Preprocessing.ElementType
    ) throws(MediaError) -> TensorData {
        var bytes: Int? = elementType.byteCount
        for dimension in [count] + shape.dimensions {
            bytes = bytes.flatMap { known in
                let (product, overflow) = known.multipliedReportingOverflow(by: dimension)
                return overflow ? nil : product
            }
        }
        let memory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        guard let bytes, bytes <= memory else {
            throw .batchTooLarge(count, of: shape.dimensions, bytes.map { ByteCount($0) }, memory: ByteCount(memory))
        }
        return TensorData(zeros: TensorType(elementType.dtype, Shape([count] + shape.dimensions)))
    }

    /// Puts a rectangle of another sample in the place of the same one, in all channels and frames.
    ///
    /// - Parameter other: One sample of the same shape.
    /// - Returns: The rectangle's share of the image, 0...1.
    mutating func paste(_ rectangle: AugmentationDraw.Rectangle, of other: SampleStack, to row: Int) -> Float {
        guard let layout, other.layout == layout else {
            preconditionFailure("samples of \(String(describing: layout)) and \(String(describing: other.layout))")
        }
        let part = rectangle.rectangle(in: layout.extent)
        switch elementType {
        case .float32: copy(part, layout, from: other, to: row, of: Float.self)
        case .uint8: copy(part, layout, from: other, to: row, of: UInt8.self)
        }
        return Float(part.rows.count * part.columns.count) / Float(layout.extent.height * layout.extent.width)
    }

    private mutating func copy<Element: TensorElement>(
        _ part: (rows: Range<Int>, columns: Range<Int>), _ layout: SampleLayout, from other: SampleStack, to row: Int,
        of _: Element.Type
    ) {
        let source = other.inputs?.elements(of: Element.self) ?? []
        inputs?.withUnsafeMutableElements(of: Element.self) { elements in
            let start = row * layout.shape.elementCount
            for channel in 0..<layout.channels {
                for frame in 0..<(layout.frames ?? 1) {
                    let plane = channel * layout.channelStride + frame * layout.frameStride
                    for y in part.rows {
                        for x in part.columns {
                            let place = plane + y * layout.rowStride + x * layout.pixelStride
                            elements[start + place] = source[place]
                        }
                    }
                }
            }
        }
    }
}

import BantamGraph
import SwiftProtobuf

/// The types of a graph's values as a file states them: with the names of free dimensions.
struct GraphTypes {
    /// `nil` for a model that accepts only some sizes of its free dimensions, so that nothing can be said of the sizes
    /// inside.
    private let free: FreeDimensions?
    private let types: ShapeInference

    /// - Throws: `invalidGraph`, naming the node at fault, for a graph that is no valid model.
    init(of graph: Graph) throws(ONNXError) {
        do throws(GraphError) {
            let free = try FreeDimensions(of: graph)
            (self.free, types) = (free, free.first)
        } catch {
            // A model that was traced at one size may still be valid there. If it is not, that is the error to report.
            free = nil
            do throws(GraphError) { types = try ShapeInference(of: graph) } catch { throw ONNXError(error) }
        }
    }

    /// The size of one axis, where it does not depend on free dimensions.
    ///
    /// - Parameter axis: Counted from the end when negative.
    func size(of value: ValueID, axis: Int) -> Int? {
        guard let sizes = free?.sizes(of: value), (-sizes.count..<sizes.count).contains(axis),
            case .fixed(let size) = sizes[axis < 0 ? axis + sizes.count : axis]
        else { return nil }
        return size
    }

    func rank(of value: ValueID) -> Int? { types[value]?.shape.rank }

    /// What the file says of an output.
    func valueInfo(of value: ValueID, named name: String) -> Onnx_ValueInfoProto {
        var info = Onnx_ValueInfoProto()
        info.name = name
        guard let type = types[value] else { return info }
        info.type.tensorType.elemType = Int32(type.dtype.onnxCode)
        let sizes = free?.sizes(of: value) ?? type.shape.dimensions.map { _ in .computed }
        info.type.tensorType.shape.dim = sizes.map { size in
            var dimension = Onnx_TensorShapeProto.Dimension()
            switch size {
            case .fixed(let size): dimension.dimValue = Int64(size)
            case .multiple: dimension.dimParam = size.description
            case .computed: break  // A dimension without value is one of which nothing is known.
            }
            return dimension
        }
        return info
    }
}

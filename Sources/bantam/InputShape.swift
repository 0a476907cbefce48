import ArgumentParser
import BantamGraph
import BantamNetwork

/// A network's input without the batch, as given on the command line: `3x224x224`, or `3x16x112x112` for clips.
struct InputShape: ExpressibleByArgument, Hashable {
    var shape: Shape

    init?(argument: String) {
        let sizes = argument.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard (3...4).contains(sizes.count), sizes.allSatisfy({ (1...8192).contains($0 ?? 0) }) else { return nil }
        shape = Shape(sizes.compactMap { $0 })
    }

    static func description(of shape: Shape) -> String { shape.dimensions.map(String.init).joined(separator: "x") }
}

extension ArchitectureVariant {
    /// - Throws: `unusableInputShape` when the network cannot take such an input.
    func requireUsable(_ shape: Shape) throws {
        let smallest = smallestInputShape
        guard shape.rank == smallest.rank, shape[0] == smallest[0],
            zip(shape.dimensions, smallest.dimensions).allSatisfy({ $0 >= $1 })
        else { throw CommandError.unusableInputShape(shape, smallest: smallest, of: name) }
    }
}

extension Shape {
    /// As in `3x224x224`, from an axis on.
    func description(from axis: Int) -> String { dimensions.dropFirst(axis).map(String.init).joined(separator: "x") }
}

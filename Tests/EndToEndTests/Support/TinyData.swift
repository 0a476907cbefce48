import BantamGraph
import BantamMedia
import FoundationEssentials

/// Data sets that a model learns in a second: the class is where a bright bar stands.
enum TinyData {
    static let classNames = ["left", "middle", "right"]
    static let trainingSamplesPerClass = 32
    static let testSamplesPerClass = 5

    /// Writes `train` and `test` with a folder of PNG files for each class.
    static func writeImages(to folder: String) throws {
        var random = SeededGenerator(seed: 1)
        for (split, count) in [("train", trainingSamplesPerClass), ("test", testSamplesPerClass)] {
            for (label, name) in classNames.enumerated() {
                let path = "\(folder)/\(split)/\(name)"
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
                for index in 0..<count {
                    let image = Image(width: 28, height: 28, channels: 1, pixels: pixels(bar: label * 9, &random))
                    try ImageFile.writePNG(image, to: "\(path)/\(index).png")
                }
            }
        }
    }

    /// Writes pictures of which nobody says what they show, in a folder and one below it.
    static func writePlainImages(to folder: String) throws {
        var random = SeededGenerator(seed: 3)
        try FileManager.default.createDirectory(atPath: "\(folder)/more", withIntermediateDirectories: true)
        for index in 0..<24 {
            let image = Image(width: 28, height: 28, channels: 1, pixels: pixels(bar: index % 3 * 9, &random))
            try ImageFile.writePNG(image, to: "\(folder)/\(index % 2 == 0 ? "" : "more/")\(index).png")
        }
    }

    /// Writes both pairs of an MNIST-like data set of ten classes.
    static func writeIDX(to folder: String) throws {
        var random = SeededGenerator(seed: 2)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (split, count) in [("train", 60), ("t10k", 20)] {
            let labels = (0..<count).map { UInt8($0 % 10) }
            let images = labels.flatMap { pixels(bar: Int($0) * 2, &random) }
            try write(idx([count, 28, 28], images), to: "\(folder)/\(split)-images-idx3-ubyte")
            try write(idx([count], labels), to: "\(folder)/\(split)-labels-idx1-ubyte")
        }
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        try AtomicFile.write(to: path) { (file) throws(GraphError) in try file.append(bytes) }
    }

    /// A noisy grey picture, bright in the 9 columns from `bar` on.
    private static func pixels(bar: Int, _ random: inout SeededGenerator) -> [UInt8] {
        (0..<28 * 28).map { pixel in
            let isBright = (bar..<bar + 9).contains(pixel % 28)
            return UInt8((isBright ? 180 : 20) + random.integer(below: 50))
        }
    }

    private static func idx(_ dimensions: [Int], _ elements: [UInt8]) -> [UInt8] {
        [0, 0, 8, UInt8(dimensions.count)]
            + dimensions.flatMap {
                [UInt8($0 >> 24 & 255), UInt8($0 >> 16 & 255), UInt8($0 >> 8 & 255), UInt8($0 & 255)]
            }
            + elements
    }
}

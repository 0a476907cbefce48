import BantamGraph
import BantamONNX
import BantamTestSupport
import FoundationEssentials
import Testing

/// Models and data sets that cannot be used, each in one way.
enum BrokenFiles {
    static func write(to folder: String, workshop: String) throws {
        try makeFolder(folder)
        try writeModels(to: folder, good: Array(try Data(contentsOf: URL(filePath: "\(workshop)/trained.onnx"))))
        try writeDatasets(to: folder, good: "\(workshop)/images")
        try writeWeights(to: folder)
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder)/onnx", withDestinationPath: fixture("onnx/malformed"))
    }

    // MARK: Models

    private static func writeModels(to folder: String, good: [UInt8]) throws {
        func write(_ name: String, _ bytes: [UInt8]) throws { try TinyData.write(bytes, to: "\(folder)/\(name).onnx") }
        var random = SeededGenerator(seed: 3)
        try write("random", (0..<5000).map { _ in UInt8(random.integer(below: 256)) })
        try AtomicFile.write(to: "\(folder)/whole.gz", compressed: true) { (file) throws(GraphError) in
            try file.append(good)
        }
        let compressed = try Data(contentsOf: URL(filePath: "\(folder)/whole.gz"))
        try write("cut-gzip", Array(compressed.prefix(compressed.count / 2)))
        for part in 1..<8 { try write("truncated-\(part)", Array(good[..<(good.count * part / 8)])) }
        try write("unknown-operator", try replacing("Gemm", by: "Gemn", in: good))
        // fc1.weight is [50, 320] of type 1, float32: fields 1 (packed), 2 and 8 of its TensorProto.
        let name = Array("B\u{0A}fc1.weight".utf8)
        let shape: [UInt8] = [0x0A, 3, 50, 0xC0, 2]
        try write(
            "swapped-shape",
            try replacing(shape + [0x10, 1] + name, by: [0x0A, 3, 0xC0, 2, 50, 0x10, 1] + name, in: good))
        try write("wrong-dtype", try replacing(shape + [0x10, 1] + name, by: shape + [0x10, 6] + name, in: good))
        // One of its numbers.
        var damaged = try ONNXFile.read("\(folder)/../trained.onnx").graph
        let weight = try #require(damaged.value(named: "conv1.weight"))
        var numbers = try #require(damaged.constants[weight]).elements(of: Float.self)
        numbers[3] = .nan
        damaged.setConstant(weight, to: TensorData(try #require(damaged.constants[weight]).shape, numbers))
        try ONNXFile.write(damaged, to: "\(folder)/nan.onnx")
        try write("metadata", try replacing("\"gray\"", by: "\"teal\"", in: good))
        try write("classes", try replacing("[\"left\"", by: "{\"left\"", in: good))
    }

    private static func replacing(_ old: String, by new: String, in bytes: [UInt8]) throws -> [UInt8] {
        try replacing(Array(old.utf8), by: Array(new.utf8), in: bytes)
    }

    /// - Precondition: both are of one length, so that the lengths in the file stay right.
    private static func replacing(_ old: [UInt8], by new: [UInt8], in bytes: [UInt8]) throws -> [UInt8] {
        precondition(old.count == new.count, "the replacement has another length")
        let place = try #require(bytes.firstRange(of: old), "the model is written otherwise than this test expects")
        var result = bytes
        result.replaceSubrange(place, with: new)
        return result
    }

    // MARK: Weight files and class names

    private static func writeWeights(to folder: String) throws {
        let good = Array(try Data(contentsOf: URL(filePath: fixture("weights/zip.pth"))))
        try TinyData.write(Array(good[..<(good.count / 2)]), to: "\(folder)/cut.pth")
        try TinyData.write(Array("no weights at all, only words".utf8), to: "\(folder)/text.pth")
        // PyTorch's old format: magic number, version, facts of the machine, and an object that calls a function.
        let magic: [UInt8] = [0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
        let pickles = [
            magic, Array("M".utf8) + [0xE9, 3], Array("}".utf8), Array("cos\nsystem\nU\u{4}echo\u{85}R".utf8),
        ]
        try TinyData.write(pickles.flatMap { [0x80, 2] + $0 + Array(".".utf8) }, to: "\(folder)/program.pth")
        try TinyData.write(Array("one\n\nthree\n".utf8), to: "\(folder)/gap.txt")
        try TinyData.write([0xFF, 0xFE, 0], to: "\(folder)/bytes.txt")
        try TinyData.write([], to: "\(folder)/empty.txt")
    }

    // MARK: Data sets

    private static func writeDatasets(to folder: String, good: String) throws {
        try makeFolder("\(folder)/empty")
        try makeFolder("\(folder)/other")
        try TinyData.write(Array("hello".utf8), to: "\(folder)/other/readme.txt")
        try copy(good, "\(folder)/train-only", without: ["test"])
        try copy(good, "\(folder)/two-classes", without: ["train/right", "test/right"])
        try copy("\(folder)/two-classes", "\(folder)/other-classes", without: [])
        for split in ["train", "test"] {
            let path = "\(folder)/other-classes/\(split)"
            try FileManager.default.moveItem(atPath: "\(path)/middle", toPath: "\(path)/down")
        }
        try copy(good, "\(folder)/empty-class", without: ["train/right", "test/right"])
        try makeFolder("\(folder)/empty-class/train/right")
        try makeFolder("\(folder)/empty-class/test/right")
        let image = try Data(contentsOf: URL(filePath: "\(good)/test/left/0.png"))
        for (name, content) in [
            ("text-image", Array("I am no picture".utf8)), ("cut-image", Array(image.prefix(100))), ("no-image", []),
        ] {
            try copy(good, "\(folder)/\(name)", without: [])
            for split in ["train", "test"] { try TinyData.write(content, to: "\(folder)/\(name)/\(split)/left/3.png") }
        }
        try writeIDX(to: folder, good: "\(folder)/../idx")
    }

    private static func writeIDX(to folder: String, good: String) throws {
        let labels = Array(try Data(contentsOf: URL(filePath: "\(good)/t10k-labels-idx1-ubyte")))
        let images = Array(try Data(contentsOf: URL(filePath: "\(good)/t10k-images-idx3-ubyte")))
        for (name, images, labels) in [
            ("idx-cut", Array(images.dropLast(100)), labels),
            ("idx-labels", images, labels.prefix(8) + [15] + labels.dropFirst(9)),
            ("idx-magic", [1, 2, 3, 4] + images.dropFirst(4), labels),
        ] {
            try makeFolder("\(folder)/\(name)")
            try TinyData.write(images, to: "\(folder)/\(name)/t10k-images-idx3-ubyte")
            try TinyData.write(labels, to: "\(folder)/\(name)/t10k-labels-idx1-ubyte")
        }
    }

    private static func copy(_ source: String, _ target: String, without left: [String]) throws {
        try FileManager.default.copyItem(atPath: source, toPath: target)
        for name in left { try FileManager.default.removeItem(atPath: "\(target)/\(name)") }
    }

    private static func makeFolder(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
}

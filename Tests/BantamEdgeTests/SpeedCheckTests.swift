import BantamGraph
import BantamONNX
import BantamTestSupport
import Testing

@testable import BantamEdge

@Suite struct SpeedCheckTests {
    @Test func `The layers that lose most time are named, the worst first`() {
        let before = ["same": 50, "gone": 9, "a": 10, "b": 10, "c": 10, "d": 10, "e": 10, "f": 10]
        let after = ["same": 50, "new": 99, "a": 5, "b": 30, "c": 20, "d": 20, "e": 11, "f": 90]
        let slower = SpeedCheck.slowerLayers(before: before, after: after)
        #expect(slower.map(\.name) == ["f", "b", "c", "d", "e"])
        #expect(slower[0] == .init(name: "f", microsecondsBefore: 10, microsecondsAfter: 90))
        let many = Dictionary(uniqueKeysWithValues: (0..<9).map { ("layer\($0)", 10 + $0) })
        #expect(SpeedCheck.slowerLayers(before: many.mapValues { $0 - 5 }, after: many).count == 5)
    }

    /// Convolutions in a row, of this many channels.
    private func write(_ channels: Int, to path: String) throws {
        var build = GraphBuilder(name: "row")
        var x = build.image(3, 48, 48)
        for layer in 0..<3 {
            x = build.relu(
                build.convolution(x, "conv\(layer)", from: layer == 0 ? 3 : channels, to: channels), "relu\(layer)")
        }
        build.output(build.head(x, channels: channels), name: "output")
        try ONNXFile.write(build.graph, to: path)
    }

    @Test func `A wider model is not faster, and the reasons are its layers; the other way round it is`() throws {
        let folder = try TemporaryFolder()
        let (narrow, wide) = (folder.file("narrow.onnx"), folder.file("wide.onnx"))
        try write(16, to: narrow)
        try write(96, to: wide)
        var options = SessionOptions()
        options.threads = 1
        let slower = try SpeedCheck(wide, against: narrow, options: options)
        #expect(!slower.isFaster && slower.speedup < 0.5 && slower.threads == 1)
        #expect(slower.slowerLayers.contains { $0.name.contains("conv1") }, "\(slower.slowerLayers)")
        let faster = try SpeedCheck(narrow, against: wide, options: options)
        #expect(faster.isFaster && faster.speedup > 2 && faster.slowerLayers.isEmpty)
    }
}

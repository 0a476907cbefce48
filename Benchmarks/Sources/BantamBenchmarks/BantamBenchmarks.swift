import BantamGraph
import BantamONNX
import BantamTensor
import Glibc

/// Does something on request, so that a driver can alternate it with another library's in one run.
///
/// ```
/// BantamBenchmarks conv_stack bfloat16 2     training steps: model, precision, threads
/// BantamBenchmarks load resnet50.pth         reading a file, .onnx or weights
/// BantamBenchmarks delete resnet50.onnx      deleting half of the channels
/// BantamBenchmarks run resnet50.onnx 2       running it on OpenVINO, several runs at once: model, threads
/// BantamBenchmarks prepare a.onnx b.onnx     writes the model as it is deployed, and ends
/// ready 2.13.0                               the version of libtorch, or of Bantam
/// > step 10                                  from standard input
/// 41.7                                       milliseconds per step
/// ```
///
/// It ends with its input.
@main
enum BantamBenchmarks {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.count == 2, arguments[0] == "load" {
            var loading = ModelLoading(path: arguments[1])
            try serve(version: BantamVersion.current) { try loading.milliseconds(perLoadOf: $0) }
            return
        }
        if arguments.count == 2, arguments[0] == "delete" {
            let deletion = try ChannelDeletion(model: arguments[1])
            try serve(version: BantamVersion.current) { try deletion.milliseconds(perRunOf: $0) }
            return
        }
        if arguments.count == 3, arguments[0] == "prepare" {
            var graph = try ONNXFile.read(arguments[1]).graph
            try Passes.inference.run(on: &graph)
            try ONNXFile.write(graph, to: arguments[2])
            return
        }
        if arguments.count == 3, arguments[0] == "run", let threads = Int(arguments[2]), threads > 0 {
            let throughput = try ModelThroughput(path: arguments[1], threads: threads)
            try serve(version: BantamVersion.current) { try throughput.milliseconds(perRunOf: $0) }
            return
        }
        guard arguments.count == 3, let threads = Int(arguments[2]), threads > 0 else {
            throw BenchmarkError(
                "usage: BantamBenchmarks MODEL float32|bfloat16 THREADS, or BantamBenchmarks load|delete FILE, "
                    + "or BantamBenchmarks run FILE THREADS, or BantamBenchmarks prepare FILE OUTPUT")
        }
        try Threads.setCount(threads)
        let benchmark = try TrainingStep(model: arguments[0], precision: arguments[1])
        try serve(version: try Torch.version()) { try benchmark.milliseconds(perStepOf: $0) }
    }

    private static func serve(version: String, _ milliseconds: (_ count: Int) throws -> Double) throws {
        reply("ready \(version)")
        while let line = readLine() {
            let words = line.split(separator: " ")
            guard words.count == 2, words[0] == "step", let count = Int(words[1]), count > 0 else {
                throw BenchmarkError("\"\(line)\" is not a request; try \"step 10\"")
            }
            reply("\(try milliseconds(count))")
        }
    }

    /// The driver waits for each line.
    private static func reply(_ line: String) {
        print(line)
        fflush(nil)
    }
}

struct BenchmarkError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

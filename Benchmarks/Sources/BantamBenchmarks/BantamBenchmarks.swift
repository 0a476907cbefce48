import BantamGraph
import BantamTensor
import Glibc

/// Runs training steps on request, so that a driver can alternate them with another library's in one run.
///
/// ```
/// BantamBenchmarks conv_stack bfloat16 2     model, precision, threads
/// ready 2.13.0                               the version of libtorch
/// > step 10                                  from standard input
/// 41.7                                       milliseconds per step
/// ```
///
/// It ends with its input.
@main
enum BantamBenchmarks {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count == 3, let threads = arguments.last.flatMap({ Int($0) }), threads > 0 else {
            throw BenchmarkError("usage: BantamBenchmarks MODEL float32|bfloat16 THREADS")
        }
        try Threads.setCount(threads)
        let benchmark = try TrainingStep(
            model: arguments[arguments.startIndex], precision: arguments[arguments.startIndex + 1])
        reply("ready \(try Torch.version())")
        while let line = readLine() {
            let words = line.split(separator: " ")
            guard words.count == 2, words[0] == "step", let count = Int(words[1]), count > 0 else {
                throw BenchmarkError("\"\(line)\" is not a request; try \"step 10\"")
            }
            reply("\(try benchmark.milliseconds(perStepOf: count))")
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

import ArgumentParser
import BantamEdge
import BantamGraph

/// Measures in a process of its own what running a model takes: `bench` starts it and reads its one line.
struct ProbeMemory: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "probe-memory", shouldDisplay: false)

    @Argument var model: String
    @Option var threads = 0
    /// The input whose sizes the file leaves free, and what they are.
    @Option var inputName: String?
    @Option var inputShape: InputShape?

    func run() throws {
        let options = SessionOptions(threads: threads == 0 ? nil : threads)
        var shapes: [String: Shape] = [:]
        if let inputName, let inputShape { shapes[inputName] = Shape([1] + inputShape.shape.dimensions) }
        let measurement = try MemoryProbe.measure(path: model, shapes: shapes, options: options)
        Console(printsJSON: true).result(try measurement.jsonLine())
    }
}

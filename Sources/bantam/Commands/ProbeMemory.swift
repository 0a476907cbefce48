import ArgumentParser
import BantamEdge

/// Measures in a process of its own what running a model takes: `bench` starts it and reads its one line.
struct ProbeMemory: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "probe-memory", shouldDisplay: false)

    @Argument var model: String
    @Option var threads = 0

    func run() throws {
        let options = SessionOptions(threads: threads == 0 ? nil : threads)
        let measurement = try MemoryProbe.measure(path: model, options: options)
        Console(printsJSON: true).result(try measurement.jsonLine())
    }
}

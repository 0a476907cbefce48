import BantamEdge
import BantamGraph
import Testing

@Suite struct MemoryMeasurementTests {
    private let measurement = MemoryMeasurement(
        baseline: .mebibytes(60), afterLoad: .mebibytes(64), peak: .mebibytes(70), runningPeak: .mebibytes(66))

    @Test func `Peak inference memory does not count the runtime`() {
        #expect(measurement.inferencePeak == .mebibytes(10))
        #expect(measurement.runningInferencePeak == .mebibytes(6))
    }

    @Test func `A small model in a fresh process takes some memory, and not much`() async {
        await #expect(processExitsWith: .success) {
            let measurement = try MemoryProbe.measure(path: fixture("conv2d_dynamic_batch"))
            #expect(measurement.baseline > .mebibytes(10))
            #expect(measurement.peak >= measurement.runningPeak)
            #expect(measurement.inferencePeak > .mebibytes(0.05))
            #expect(measurement.inferencePeak < .mebibytes(16))
        }
    }

    @Test func `A child's line comes back as its measurement`() throws {
        let line = try measurement.jsonLine()
        #expect(!line.contains("\n"))
        let read = try MemoryMeasurement.inChildProcess(executable: "/bin/sh", arguments: ["-c", "echo '\(line)'"])
        #expect(read == measurement)
    }

    @Test func `A child that fails, prints something else or does not exist is reported`() throws {
        func message(_ executable: String, _ arguments: [String]) -> String? {
            #expect(throws: EdgeError.self) {
                try MemoryMeasurement.inChildProcess(executable: executable, arguments: arguments)
            }?.message
        }
        #expect(message("/bin/sh", ["-c", "exit 65"])?.contains("it ended with status 65") == true)
        #expect(message("/bin/sh", ["-c", "kill -9 $$"])?.contains("it was stopped by signal 9") == true)
        #expect(message("/bin/sh", ["-c", "echo hello"])?.contains("it printed \"hello") == true)
        #expect(message("/no/such/program", [])?.contains("No such file or directory") == true)
    }
}

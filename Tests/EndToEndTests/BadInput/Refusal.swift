import Testing

/// A command that cannot work, and what it must say.
struct Refusal: Sendable, CustomTestStringConvertible {
    /// What is wrong.
    var name: String
    var arguments: [String]
    var status: Int32
    /// Texts that the message must contain: the file, node or field, and what to do.
    var says: [String]

    init(_ name: String, _ arguments: [String], _ status: Int32, says: String...) {
        self.name = name
        self.arguments = arguments
        self.status = status
        self.says = says
    }

    var testDescription: String { "\(name): \(arguments.joined(separator: " "))" }
}

extension WorkingFolder {
    /// Runs the command and checks that it refuses as a person and a script would have it: one sentence on standard
    /// error, the right status, and nothing left behind.
    func expect(_ refusal: Refusal, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let before = try contents()
        let run = try bantam(refusal.arguments)
        run.expectRefusal(refusal.status, says: refusal.says, sourceLocation: sourceLocation)
        #expect(run.output.isEmpty, sourceLocation: sourceLocation)
        #expect(try contents() == before, "something was left", sourceLocation: sourceLocation)
    }
}

extension Run {
    func expectRefusal(_ status: Int32, says: [String], sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(self.status == status, "\(error)", sourceLocation: sourceLocation)
        for text in says { #expect(error.contains(text), "\(error)", sourceLocation: sourceLocation) }
        let lines = error.split(separator: "\n")
        let complaints = lines.filter { $0.hasPrefix("bantam: error: ") || $0.hasPrefix("Error: ") }
        #expect(complaints.count == 1, "\(error)", sourceLocation: sourceLocation)
        for trace in ["Fatal error", "rogram crashed", "Backtrace", ".swift:", "Exception raised", "NSUnderlyingError"]
        {
            #expect(!error.contains(trace), "\(error)", sourceLocation: sourceLocation)
        }
        // The argument parser adds the usage to its complaints; ours are the last word, but for a list of files.
        guard let complaint = complaints.first, complaint.hasPrefix("bantam") else { return }
        let list = lines.reversed().prefix { $0.hasPrefix("  ") }
        #expect(complaint == lines.dropLast(list.count).last, "\(error)", sourceLocation: sourceLocation)
        #expect(complaint.hasSuffix(list.isEmpty ? "." : ":"), "\(error)", sourceLocation: sourceLocation)
        // One that lists all operators there are is long.
        let isListing = complaint.contains("that are supported")
        #expect(complaint.count < (isListing ? 3000 : 500), "\(error)", sourceLocation: sourceLocation)
    }
}

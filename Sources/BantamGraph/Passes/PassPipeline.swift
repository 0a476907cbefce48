/// Passes in the order they run.
public struct PassPipeline: Sendable {
    /// What one pass of a run did.
    public struct Step: Hashable, Sendable, Codable {
        public var pass: String
        public var result: PassResult
    }

    public let passes: [any GraphPass]

    /// - Precondition: passes come after those they build on (``GraphPass/runsAfter``).
    public init(_ passes: [any GraphPass]) {
        let names = passes.map { type(of: $0).name }
        for (position, pass) in passes.enumerated() {
            for earlier in type(of: pass).runsAfter {
                let isLate = names[position...].contains(earlier.name) && !names[..<position].contains(earlier.name)
                precondition(!isLate, "\(names[position]) must run after \(earlier.name)")
            }
        }
        self.passes = passes
    }

    /// Runs each pass once. In debug builds the graph's bookkeeping is checked after each.
    ///
    /// - Returns: What each pass did, in order.
    /// - Throws: the first pass's error, naming the pass. `graph` is then unchanged.
    @discardableResult
    public func run(on graph: inout Graph) throws(GraphError) -> [Step] {
        var rewritten = graph
        var steps: [Step] = []
        for pass in passes {
            let name = type(of: pass).name
            do throws(GraphError) {
                steps.append(Step(pass: name, result: try pass.run(on: &rewritten)))
            } catch {
                throw .passFailed(name, error)
            }
            #if DEBUG
                rewritten.checkInvariants()
            #endif
        }
        graph = rewritten
        return steps
    }
}

/// Counts outcomes, in all and by operator.
struct Summary {
    private struct Count {
        var passed = 0
        var applicable = 0
        var total = 0

        mutating func add(_ outcome: NodeCase.Outcome) {
            total += 1
            switch outcome {
            case .passed:
                passed += 1
                applicable += 1
            case .failed: applicable += 1
            case .notApplicable: break
            }
        }

        var text: String { "\(passed) / \(applicable) / \(total)" }
    }

    private var all = Count()
    private var byOperator: [String: Count] = [:]
    private var reasons: [String: Int] = [:]

    var failed: Int { all.applicable - all.passed }

    /// A case counts for each operator of its model.
    mutating func add(_ result: NodeCase.Result) {
        all.add(result.outcome)
        for name in result.operators { byOperator[name, default: Count()].add(result.outcome) }
        if case .notApplicable(let reason) = result.outcome { reasons[reason, default: 0] += 1 }
    }

    var text: String {
        let width = byOperator.keys.map(\.count).max() ?? 0
        var lines = ["", "Operator: passed / applicable / total of the cases that contain it"]
        for (name, count) in byOperator.sorted(by: { $0.key < $1.key }) where count.applicable > 0 {
            lines.append("  \(name)\(String(repeating: " ", count: width - name.count))  \(count.text)")
        }
        lines += ["", "Not applicable, by the first thing that Bantam does not have:"]
        for (reason, count) in reasons.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
            lines.append("  \(count)  \(reason)")
        }
        lines += ["", "passed / applicable / total: \(all.text)"]
        return lines.joined(separator: "\n")
    }
}

extension RunRecord {
    /// One row a variant: every figure, with its change against the baseline.
    public var table: Table {
        let baseline = variants.first { $0.name == self.baseline }
        return Table(
            columns: [Table.Column("model", isNumeric: false)] + Self.figures.map { Table.Column($0.heading) },
            rows: variants.map { variant in
                let cells = Self.figures.map { figure in
                    let change = baseline.flatMap { baseline in
                        variant.name == baseline.name ? nil : figure.change(variant.metrics, baseline.metrics)
                    }
                    return Table.Cell(figure.text(variant.metrics), change: change)
                }
                return [Table.Cell(variant.name)] + cells
            })
    }

    /// A column of the table: how a figure reads, and how its change does.
    private struct Figure: Sendable {
        var heading: String
        var text: @Sendable (ModelMetrics) -> String
        /// `nil` where one of both was not measured.
        var change: @Sendable (_ variant: ModelMetrics, _ baseline: ModelMetrics) -> String?

        /// A figure whose change is in percent.
        static func amount(
            _ heading: String, _ value: @escaping @Sendable (ModelMetrics) -> Double?,
            _ text: @escaping @Sendable (ModelMetrics) -> String
        ) -> Figure {
            Figure(heading: heading, text: text) { variant, baseline in
                guard let after = value(variant), let before = value(baseline) else { return nil }
                return NumberFormatting.relativeChange(after, from: before)
            }
        }
    }

    private static let figures: [Figure] = [
        .amount("parameters", { Double($0.nonzeroParameters) }) {
            $0.nonzeroParameters == $0.parameters
                ? NumberFormatting.grouped($0.parameters)
                : "\(NumberFormatting.grouped($0.nonzeroParameters)) of \(NumberFormatting.grouped($0.parameters))"
        },
        .amount("MACs", { Double($0.macs) }) { NumberFormatting.operations($0.macs) },
        .amount("file", { Double($0.fileBytes.bytes) }) { $0.fileBytes.description },
        .amount("peak memory", { $0.peakMemoryBytes.map { Double($0.bytes) } }) {
            $0.peakMemoryBytes?.description ?? "not measured"
        },
        .amount("latency", { $0.latencyMedian }) { NumberFormatting.milliseconds($0.latencyMedian) },
        .amount("p95", { $0.latencyP95 }) { NumberFormatting.milliseconds($0.latencyP95) },
        .amount("samples/s", { $0.imagesPerSecond }) { metrics in
            Int(exactly: metrics.imagesPerSecond.rounded()).map(NumberFormatting.grouped)
                ?? "\(metrics.imagesPerSecond)"
        },
        Figure(
            heading: "top-1",
            text: { NumberFormatting.fixed($0.top1 * 100, decimals: 2) + " %" },
            change: { NumberFormatting.points($0.top1, from: $1.top1) }),
    ]
}

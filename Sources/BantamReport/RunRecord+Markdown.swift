extension RunRecord {
    /// The whole report in GitHub's Markdown: what was run and where, the table, and how each model was made.
    public func markdown() -> String {
        var text = "# \(command)\n\n"
        text += "\(date), seed \(seed), \(environment.processor), \(environment.threads) threads, "
        text += "Bantam \(environment.bantam), libtorch \(environment.libtorch), OpenVINO \(environment.openvino).\n\n"
        text += "Data: `\(data.path)`, \(NumberFormatting.grouped(data.trainingSamples)) training and "
        text += "\(NumberFormatting.grouped(data.testSamples)) test samples. "
        text += "Accuracy, latency and memory are those of the exported ONNX file in OpenVINO.\n\n"
        text += table.markdown() + "\n" + origins.markdown()
        let notes = variants.flatMap { variant in variant.notes.map { "- \(variant.name): \($0)\n" } }
        if !notes.isEmpty { text += "\n" + notes.joined() }
        return text
    }

    /// How each model was made, and where it lies.
    private var origins: Table {
        Table(
            columns: [
                Table.Column("model", isNumeric: false), Table.Column("how it was made", isNumeric: false),
                Table.Column("training"), Table.Column("file", isNumeric: false),
            ],
            rows: variants.map { variant in
                let seconds = NumberFormatting.fixed(variant.trainingSeconds, decimals: 1)
                return [
                    Table.Cell(variant.name), Table.Cell(variant.method), Table.Cell("\(seconds) s"),
                    Table.Cell("`\(variant.file)`"),
                ]
            })
    }
}

extension RunRecord {
    /// The whole report in GitHub's Markdown: what was run and where, the table, and how each model was made.
    public func markdown() -> String {
        var text = "# \(command)\n\n"
        text += "\(date), seed \(seed), \(environment.processor), \(environment.threads) threads, "
        text += "Bantam \(environment.bantam), libtorch \(environment.libtorch), OpenVINO \(environment.openvino).\n\n"
        text += "Data: `\(data.path)`, \(NumberFormatting.grouped(data.trainingSamples)) training and "
        text += "\(NumberFormatting.grouped(data.testSamples)) test samples. "
        text += "Accuracy, latency and memory are those of the exported ONNX file in OpenVINO.\n\n"
        text += table.markdown()
        text += "\n| model | how it was made | training | file |\n| --- | --- | ---: | --- |\n"
        for variant in variants {
            let seconds = NumberFormatting.fixed(variant.trainingSeconds, decimals: 1)
            text += "| \(variant.name) | \(variant.method) | \(seconds) s | `\(variant.file)` |\n"
        }
        let notes = variants.flatMap { variant in variant.notes.map { "- \(variant.name): \($0)\n" } }
        if !notes.isEmpty { text += "\n" + notes.joined() }
        return text
    }
}

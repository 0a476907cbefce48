import ArgumentParser
import BantamPipeline
import BantamQuantization

struct Quantize: BantamCommand {
    static let configuration = CommandConfiguration(
        abstract: "Computes in INT8, or stores weights in fewer bits.",
        discussion: """
            Static quantization measures the range of each activation on samples of the data. Dynamic quantization \
            needs no data: ranges are found while the model runs. With --aware the model is then trained, with its \
            rounding simulated, until it answers as before.

            With --weights-only the file becomes smaller and the model computes in float32 as before: int8 takes a \
            quarter of the room, int4 an eighth, float16 and bfloat16 half.
            """)

    @Argument(help: "The ONNX file to quantize.", completion: .model)
    var model: String

    @Flag(help: "Find the ranges of activations while the model runs.")
    var dynamic = false

    @Option(help: "Store the weights in this form, and compute in float32.")
    var weightsOnly: WeightForm?

    @Option(
        parsing: .unconditional,
        help: "The most weights that share a scale, with --weights-only. (default: 128 of int4, a channel of int8)")
    var groupSize: Int?

    @Option(
        help: "Data whose training split the ranges are measured on; labels are not needed.", completion: .directory)
    var data: String?

    @Option(help: "How many samples to measure on.")
    var samples = 512

    @Option(help: "How ranges are chosen: \(Calibrators.all.map { $0.name }.joined(separator: ", ")).")
    var calibrator = QuantizationScheme().calibrator

    @Flag(
        inversion: .prefixedNo,
        help: "Multiply channels so that successive layers' weights are equally large (cross-layer equalization).")
    var equalize = QuantizationScheme().equalizes

    @Flag(inversion: .prefixedNo, help: "Take the mean rounding error of each channel out of its bias.")
    var biasCorrection = QuantizationScheme().correctsBias

    @Option(
        help: ArgumentHelp(
            "How it is done: fixed, as the options say; auto, as outputs on samples set aside differ least.",
            discussion: """
                auto compares calibrators, equalization, bias correction and symmetric activations with the float \
                model. It needs no labels.
                """))
    var scheme = SchemeChoice.fixed

    @Option(
        help: ArgumentHelp(
            """
            How weights are rounded: auto, to the nearest and by gptq where outputs have less than 30 dB; nearest; gptq, \
            each input's weights making up for the errors of those before; adaround, up or down as is learned.
            """,
            discussion: """
                gptq and adaround take runs in libtorch, adaround some seconds a layer. Where they do harm, or leave outputs \
                with less than 22 dB and auto does better, they are left out, and a note says so.
                """))
    var rounding = RoundingChoice.auto

    @Option(
        name: .customLong("input"),
        help: ArgumentHelp(
            "What the model's input holds: float32 numbers, or uint8 pixels that the model normalizes itself.",
            valueName: "type"))
    var inputType = StaticQuantizationConfiguration.ModelInput.float32

    @Option(help: "The hardware: \(TargetProfiles.all.map(\.name).joined(separator: ", ")).")
    var target = TargetProfile.x86VNNI.name

    @Option(
        help: """
            The accuracy that may be lost, in points such as 0.5: the fewest operators that keep to it stay in floating \
            point. Measured on a held-out tenth of the training split; without labels, answers that change count.
            """)
    var maxDrop: Double?

    @Option(
        parsing: .unconditional,
        help: """
            The least signal-to-noise ratio of each output against the original's, in dB, such as 20: with less the model is \
            written as NAME.rejected.onnx, and the exit status is 75.
            """)
    var minSnr: Double?

    @Option(
        help: """
            The file's largest size, a fraction of what it is or bytes (2.5MB). Operators stay in floating point, stored \
            as bfloat16, as it allows, those first that INT8 harms most for their size; where INT8 is too large, those \
            that suffer least have weights of int4. With --weights-only, the weights whose rounding costs least take \
            narrower forms, down to int4.
            """)
    var targetFileSize: TargetArgument?

    @Option(
        help: """
            The longest time of one sample, measured on this machine: a fraction or 12ms. As many operators as it allows \
            stay in floating point, those first that INT8 harms most.
            """)
    var targetLatency: TargetArgument?

    @Option(help: "How many samples --max-drop is measured on.")
    var validationSamples = 1000

    @Option(name: [.short, .long], help: outputHelp, completion: .model)
    var output: String

    @OptionGroup(title: "Training for INT8") var awareness: AwareOptions
    @OptionGroup(title: "Training for INT8") var training: TrainingOptions
    @OptionGroup var input: InputOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        try training.requireEpochs()
        let ways = [
            data.map { _ in "--data (for static quantization)" }, dynamic ? "--dynamic" : nil,
            weightsOnly.map { "--weights-only \($0.rawValue)" },
        ].compactMap { $0 }
        guard !ways.isEmpty else {
            throw ValidationError(
                "Static quantization measures activations: give --data, or use --dynamic or --weights-only.")
        }
        guard !(dynamic && awareness.aware) else {
            throw ValidationError("--aware learns scales, and with --dynamic there are none to learn: leave one out.")
        }
        if !awareness.aware, let option = training.firstGiven {
            throw ValidationError("\(option) says how to train: add --aware, or leave it out.")
        }
        guard
            !awareness.aware || scheme == .fixed && rounding == .auto && inputType == .float32 && !equalize
        else {
            throw ValidationError(
                "--aware learns scales and rounding itself: leave out --scheme, --rounding, --input and --equalize.")
        }
        guard ways.count == 1 else {
            throw ValidationError("Give only one of \(ways.joined(separator: " and ")).")
        }
        try validateWeightsOnly()
        guard samples > 0 else { throw ValidationError("--samples must be at least 1.") }
        guard validationSamples > 0 else { throw ValidationError("--validation-samples must be at least 1.") }
        try LimitOptions.validate(minSnr: minSnr, maxDrop: maxDrop)
        guard targetFileSize == nil || targetLatency == nil else {
            throw ValidationError("Give one of --target-file-size and --target-latency.")
        }
        guard try limits() == nil || !dynamic else {
            throw ValidationError(
                "--max-drop and targets choose among operators of static quantization, not --dynamic.")
        }
        guard try limits() == nil || !awareness.aware else {
            throw ValidationError(
                "--max-drop and targets put operators back to float, which --aware trains for INT8: leave one out.")
        }
    }

    private func validateWeightsOnly() throws {
        guard let weightsOnly else {
            guard groupSize == nil else { throw ValidationError("--group-size is about --weights-only.") }
            return
        }
        if let groupSize {
            guard weightsOnly.isInteger || targetFileSize != nil else {
                throw ValidationError("--group-size is about integers; \(weightsOnly.rawValue) has no scales.")
            }
            guard groupSize >= WeightOnlyConfiguration.smallestGroup else {
                throw ValidationError(
                    "--group-size must be at least \(WeightOnlyConfiguration.smallestGroup): "
                        + "each group takes a scale of 4 bytes.")
            }
        }
        guard !awareness.aware else {
            throw ValidationError("--aware trains for INT8 arithmetic, and --weights-only has none: leave one out.")
        }
        guard maxDrop == nil, targetLatency == nil else {
            throw ValidationError("--max-drop and --target-latency choose among operators, not forms of weights.")
        }
        _ = try targetFileSize?.target(.fileSize, option: "--target-file-size")
    }

    private func step(_ batchSize: Int) throws -> Recipe.Step {
        if let weightsOnly {
            return .quantizeWeights(
                WeightOnlyConfiguration(form: weightsOnly, groupSize: groupSize, fileSize: targetFileSize?.limit))
        }
        if dynamic { return .quantizeDynamic }
        let configuration = StaticQuantizationConfiguration(
            target: target, calibrator: calibrator, samples: samples, seed: common.seed, limits: try limits(),
            equalizes: equalize, correctsBias: biasCorrection, choosesScheme: scheme == .auto,
            rounding: rounding.rounding, improves: rounding != .nearest, input: inputType)
        return awareness.aware
            ? awareness.step(configuration, training, seed: common.seed, batchSize: batchSize)
            : .quantizeStatic(configuration)
    }

    func execute(console: Console) throws -> ChangeRecord {
        var change = ModelChange(
            model: model, chosen: try input.chosen(), data: data, output: output,
            training: awareness.aware ? training : nil, common: common, console: console)
        change.learns = awareness.aware
        change.limits = ResultCheck.Limits(leastDecibels: minSnr, largestDrop: maxDrop)
        change.advice = advice
        return try change.perform { [try step($0.batchSize)] }
    }

    /// What to do about a poor result.
    private var advice: String {
        if weightsOnly != nil { return "take a wider form, such as --weights-only int8" }
        if dynamic { return "give --data in place of --dynamic" }
        if awareness.aware { return "train longer with --epochs" }
        return scheme == .auto ? "train the model for INT8 with --aware" : "try --scheme auto, or --max-drop 1"
    }

    private func limits() throws -> PrecisionLimits? {
        let budget =
            try targetFileSize?.target(.fileSize, option: "--target-file-size")
            ?? targetLatency?.target(.latency, option: "--target-latency")
        guard maxDrop != nil || budget != nil else { return nil }
        return PrecisionLimits(maximumDrop: maxDrop, budget: budget, samples: validationSamples)
    }

    func text(of record: ChangeRecord) -> String { record.text }
}

/// Whether the options of a quantization are taken as they are.
enum SchemeChoice: String, CaseIterable, ExpressibleByArgument {
    case fixed, auto
}

enum RoundingChoice: String, CaseIterable, ExpressibleByArgument {
    case auto, nearest, gptq, adaround

    var rounding: WeightRounding {
        switch self {
        case .auto, .nearest: .nearest
        case .gptq: .compensating
        case .adaround: .adaptive(steps: 500)
        }
    }
}

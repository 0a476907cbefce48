import BantamEdge

extension SpeedCheck {
    /// - Parameters:
    ///   - original: The file it was compared with.
    ///   - prescribedMultiple: The multiple of channels that the user asked for; `nil` where the best was looked for.
    func text(against original: String, prescribedMultiple: Int?) -> String {
        let setting = threads == 0 ? "one sample" : "one sample, \(threads) thread\(threads == 1 ? "" : "s")"
        let figure = "\(speedup.rounded(places: 2)) times as fast as \(original) (\(setting))"
        guard !isFaster else { return "  speed       \(figure)" }
        var lines = ["  speed       not faster: \(figure)"]
        for layer in slowerLayers {
            lines.append("    \(layer.name): \(layer.microsecondsBefore) -> \(layer.microsecondsAfter) us")
        }
        if isMostlyOverhead {
            lines.append("    so small a model spends most of its time outside its layers")
        } else if slowerLayers.isEmpty {
            lines.append("    no layer by itself takes longer than before")
        } else if let prescribedMultiple, prescribedMultiple < 8 {
            lines.append("    --channel-multiple 8, 16 or 32 keeps as many channels as the hardware works on at once")
        }
        return lines.joined(separator: "\n")
    }
}

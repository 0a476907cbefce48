import ArgumentParser
import BantamMedia

/// An augmentation as written on the command line: `flip`, `crop=4`, `jitter=0.2`, `erase=0.25`, `cutmix=0.5`, `window`, or
/// `none`.
struct AugmentationArgument: ExpressibleByArgument {
    /// `nil` for `none`.
    var augmentation: Augmentation?

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
        let number = parts.count > 1 ? Double(parts[1]) : nil
        guard parts.count == 1 || number != nil else { return nil }
        switch parts.first {
        case "flip": augmentation = .horizontalFlip(probability: number ?? 0.5)
        case "crop": augmentation = .randomCrop(padding: Int(exactly: number ?? 4) ?? -1)
        case "jitter": augmentation = .colorJitter(brightness: number ?? 0.2, contrast: number ?? 0.2)
        case "erase": augmentation = .randomErasing(probability: number ?? 0.25, largestArea: 0.33)
        case "cutmix": augmentation = .cutMix(probability: number ?? 0.5)
        case "window" where number == nil: augmentation = .randomWindow
        case "none" where number == nil: augmentation = nil
        default: return nil
        }
        do throws(MediaError) { try augmentation?.validate() } catch { return nil }
    }
}

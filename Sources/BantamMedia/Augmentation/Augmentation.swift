/// A random change of training samples, as data.
///
/// A recipe is a list of these and is stored with the run. What is drawn for a sample depends on the seed, the epoch
/// and the sample's place in the data set alone, not on threads or batch size. All frames of a clip share one draw.
///
/// ```swift
/// let recipe: [Augmentation] = [.randomCrop(padding: 4), .horizontalFlip(probability: 0.5)]
/// ```
public enum Augmentation: Hashable, Sendable, Codable {
    /// Takes the crop from up to `padding` pixels off its place, each way; what lies beyond the scaled picture is black.
    ///
    /// Reference: He et al., *Deep Residual Learning for Image Recognition*, CVPR 2016, section 4.2.
    case randomCrop(padding: Int)
    /// Mirrors left and right.
    case horizontalFlip(probability: Double)
    /// Multiplies the brightness, and the distance to middle grey, by factors of `1 - x ... 1 + x`.
    case colorJitter(brightness: Double, contrast: Double)
    /// Sets a rectangle of 2 % to `largestArea` of the image to the mean colour.
    ///
    /// Reference: Zhong et al., *Random Erasing Data Augmentation*, AAAI 2020.
    case randomErasing(probability: Double, largestArea: Double)
    /// Puts a rectangle of another sample, changed in its own way, in the place of the same one: of any share of the image,
    /// by which the two samples' labels count. Each such sample is loaded beside one of its own.
    ///
    /// Reference: Yun et al., *CutMix: Regularization Strategy to Train Strong Classifiers with Localizable Features*,
    /// ICCV 2019.
    case cutMix(probability: Double)
    /// Takes the clip from anywhere in the video, rather than from its middle.
    case randomWindow

    /// - Throws: `invalidOption`, naming the number that cannot be meant.
    public func validate() throws(MediaError) {
        switch self {
        case .randomCrop(let padding):
            guard (0...1024).contains(padding) else {
                throw .invalidOption("the padding of a random crop", padding, allowed: "0 to 1024 pixels")
            }
        case .horizontalFlip(let probability):
            try Self.checkFraction(probability, "the probability of a flip")
        case .colorJitter(let brightness, let contrast):
            try Self.checkFraction(brightness, "the brightness jitter")
            try Self.checkFraction(contrast, "the contrast jitter")
        case .randomErasing(let probability, let largestArea):
            try Self.checkFraction(probability, "the probability of erasing")
            try Self.checkFraction(largestArea, "the largest erased area")
        case .cutMix(let probability):
            try Self.checkFraction(probability, "the probability of mixing")
        case .randomWindow: break
        }
    }

    private static func checkFraction(_ value: Double, _ name: String) throws(MediaError) {
        guard (0...1).contains(value) else { throw .invalidOption(name, value, allowed: "a number from 0 to 1") }
    }
}

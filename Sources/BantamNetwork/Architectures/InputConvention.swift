/// How published weights expect images, as data: the size before the centre is cropped to the input's, and the
/// normalization. Channels are red, green, blue.
public struct InputConvention: Hashable, Sendable {
    public enum Resize: Hashable, Sendable {
        /// Images already have the input's size.
        case none
        /// Scales the shorter side to this many pixels.
        case shorterSide(pixels: Int)
        case exact(width: Int, height: Int)
    }

    public var resize: Resize
    /// One entry per channel, where values reach from 0 to 1.
    public var mean: [Double]
    public var std: [Double]
    /// Of a clip; `nil` for images, and for clips of whatever rate the video has.
    public var framesPerSecond: Double?

    public init(resize: Resize, mean: [Double], std: [Double], framesPerSecond: Double? = nil) {
        self.resize = resize
        self.mean = mean
        self.std = std
        self.framesPerSecond = framesPerSecond
    }

    /// torchvision's evaluation transform.
    public static func imageNet(shorterSide: Int = 256) -> InputConvention {
        InputConvention(
            resize: .shorterSide(pixels: shorterSide), mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225])
    }

    /// 32x32 images with ImageNet's statistics, as the CIFAR ResNets were trained.
    public static let cifar = InputConvention(resize: .none, mean: imageNet().mean, std: imageNet().std)

    /// torchvision's Kinetics-400 networks: 15 frames a second, 128x171 before the crop.
    public static let kinetics = InputConvention(
        resize: .exact(width: 171, height: 128), mean: [0.43216, 0.394666, 0.37645],
        std: [0.22803, 0.22145, 0.216989], framesPerSecond: 15)

    /// PyTorchVideo's Kinetics-400 networks: one mean and one deviation for all channels.
    public static func pyTorchVideo(shorterSide: Int, framesPerSecond: Double) -> InputConvention {
        InputConvention(
            resize: .shorterSide(pixels: shorterSide), mean: [0.45, 0.45, 0.45], std: [0.225, 0.225, 0.225],
            framesPerSecond: framesPerSecond)
    }
}

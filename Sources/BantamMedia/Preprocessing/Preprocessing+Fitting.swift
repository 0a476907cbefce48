public import BantamGraph

extension Preprocessing {
    /// The preprocessing for a network that is to be trained from scratch: samples scaled to its input, and normalized
    /// by the mean and deviation of the data.
    ///
    /// - Parameters:
    ///   - dataset: The training samples, of which some are looked at.
    ///   - inputShape: The network's input without the batch, `[C, H, W]` or `[C, T, H, W]`, or with the channels last.
    ///     Images make 1 or 3 channels, tensor files as many as they hold.
    ///   - layout: Which of the two.
    ///   - elementType: With ``ElementType/uint8`` nothing is normalized.
    /// - Throws: `invalidPreprocessing` for an input of another form; errors of the samples.
    public static func fitted(
        to dataset: any Dataset, inputShape: Shape, layout: Layout = .channelsFirst, elementType: ElementType = .float32
    ) throws(MediaError) -> Preprocessing {
        let dimensions = inputShape.dimensions
        guard [3, 4].contains(dimensions.count), dataset.count > 0 else {
            throw .invalidPreprocessing("a model with the input \(inputShape) takes neither images nor clips")
        }
        let (channels, others) =
            layout == .channelsFirst
            ? (dimensions[0], Array(dimensions.dropFirst()))
            : (dimensions[dimensions.count - 1], Array(dimensions.dropLast()))
        var colorOrder = channels == 1 ? ColorOrder.gray : .rgb
        var scale = 1.0 / 255
        if case .tensor(let tensor) = try dataset.sample(at: 0).content {
            colorOrder = .stored
            if tensor.dtype == .float32 { scale = 1 }
        } else if ![1, 3].contains(channels) {
            throw .invalidPreprocessing(
                "a model with the input \(inputShape) takes \(channels) channels, which images do not have; give tensor "
                    + "files (.npy), or the layout if the channels come \(layout == .channelsFirst ? "last" : "first")")
        }
        var preprocessing = try Preprocessing(
            resize: .exact(width: others[others.count - 1], height: others[others.count - 2]),
            colorOrder: colorOrder, scale: scale,
            mean: Array(repeating: 0, count: channels), std: Array(repeating: 1, count: channels),
            clip: others.count == 3 ? ClipSampling(frameCount: others[0]) : nil, layout: layout)
        if elementType == .uint8 { return preprocessing.asBytes }
        let moments = try ChannelMoments(of: dataset.limited(to: sampleCount), preprocessing, channels: channels)
        preprocessing.mean = moments.mean
        preprocessing.std = moments.std
        return preprocessing
    }

    /// The same convention for a network with an input of another size: lengths in proportion, so that as much of each
    /// image is seen, and as many frames as it takes.
    ///
    /// - Parameters:
    ///   - extent: The network's; `nil` where it leaves that free: images that are neither resized nor cropped stay so
    ///     then.
    ///   - frameCount: The network's; `nil` where it leaves that free, or takes images.
    public func adapted(to extent: ImageExtent?, frameCount: Int?) -> Preprocessing {
        var adapted = self
        if let frameCount { adapted.clip?.frameCount = frameCount }
        guard let extent else { return adapted }
        let given: ImageExtent
        switch (crop, resize) {
        case (let crop?, _): given = crop
        case (nil, .exact(let width, let height)): given = ImageExtent(width: width, height: height)
        case (nil, .keep):
            // Images of the model's own size stay as they are.
            adapted.resize = .exact(width: extent.width, height: extent.height)
            return adapted
        case (nil, .shorterSide): return adapted
        }
        guard given != extent else { return adapted }
        if crop != nil { adapted.crop = extent }
        func scaled(_ length: Int, _ from: Int, _ to: Int) -> Int { (length * to + from / 2) / from }
        switch resize {
        case .keep: break
        case .exact(let width, let height):
            adapted.resize = .exact(
                width: scaled(width, given.width, extent.width), height: scaled(height, given.height, extent.height))
        case .shorterSide(let pixels):
            let (from, to) = (min(given.width, given.height), max(extent.width, extent.height))
            adapted.resize = .shorterSide(pixels: scaled(pixels, from, to))
        }
        return adapted
    }

    /// Enough to know a mean to a thousandth of the deviation.
    private static let sampleCount = 1000
}

/// The mean and deviation of each channel.
private struct ChannelMoments {
    var mean: [Double]
    var std: [Double]

    init(of dataset: some Dataset, _ preprocessing: Preprocessing, channels: Int) throws(MediaError) {
        var sums = [Double](repeating: 0, count: channels)
        var squares = sums
        var count = 0
        for index in 0..<dataset.count {
            let values = try preprocessing.apply(try dataset.sample(at: index)).elements(of: Float.self)
            let perChannel = values.count / channels
            count += perChannel
            let (start, step) = preprocessing.layout == .channelsFirst ? (perChannel, 1) : (1, channels)
            for channel in 0..<channels {
                for place in 0..<perChannel {
                    let value = Double(values[channel * start + place * step])
                    sums[channel] += value
                    squares[channel] += value * value
                }
            }
        }
        let means = sums.map { $0 / Double(max(count, 1)) }
        mean = means
        // Images of one colour have no deviation to divide by.
        std = zip(squares, means).map { max($0 / Double(max(count, 1)) - $1 * $1, 1e-6).squareRoot() }
    }
}

public import BantamGraph

extension Preprocessing {
    /// The preprocessing for a network that is to be trained from scratch: images scaled to its input, and normalized
    /// by the mean and deviation of the data.
    ///
    /// - Parameters:
    ///   - dataset: The training samples, of which some are looked at.
    ///   - inputShape: The network's input without the batch, `[C, H, W]` or `[C, T, H, W]`, with 1 or 3 channels.
    /// - Throws: `invalidPreprocessing` for an input of another form; errors of the samples.
    public static func fitted(to dataset: any Dataset, inputShape: Shape) throws(MediaError) -> Preprocessing {
        guard [3, 4].contains(inputShape.rank), [1, 3].contains(inputShape[0]) else {
            throw .invalidPreprocessing("a model with the input \(inputShape) takes neither images nor clips")
        }
        let rank = inputShape.rank
        var preprocessing = try Preprocessing(
            resize: .exact(width: inputShape[rank - 1], height: inputShape[rank - 2]),
            colorOrder: inputShape[0] == 1 ? .gray : .rgb,
            clip: rank == 4 ? ClipSampling(frameCount: inputShape[1]) : nil)
        let moments = try ChannelMoments(of: dataset.limited(to: sampleCount), preprocessing)
        preprocessing.mean = moments.mean
        preprocessing.std = moments.std
        return preprocessing
    }

    /// The same convention for a network with an input of another size: lengths in proportion, so that as much of each
    /// image is seen, and as many frames as it takes.
    ///
    /// - Parameters:
    ///   - extent: The network's; `nil` where it leaves that free. Images that are neither resized nor cropped stay so.
    ///   - frameCount: The network's; `nil` where it leaves that free, or takes images.
    public func adapted(to extent: ImageExtent?, frameCount: Int?) -> Preprocessing {
        var adapted = self
        if let frameCount { adapted.clip?.frameCount = frameCount }
        guard let extent else { return adapted }
        let given: ImageExtent
        switch (crop, resize) {
        case (let crop?, _): given = crop
        case (nil, .exact(let width, let height)): given = ImageExtent(width: width, height: height)
        case (nil, .shorterSide), (nil, .keep): return adapted
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

    init(of dataset: some Dataset, _ preprocessing: Preprocessing) throws(MediaError) {
        let channels = preprocessing.colorOrder.channels
        var sums = [Double](repeating: 0, count: channels)
        var squares = sums
        var count = 0
        for index in 0..<dataset.count {
            let values = try preprocessing.apply(try dataset.sample(at: index)).elements(of: Float.self)
            let perChannel = values.count / channels
            count += perChannel
            for channel in 0..<channels {
                for value in values[channel * perChannel..<(channel + 1) * perChannel] {
                    sums[channel] += Double(value)
                    squares[channel] += Double(value) * Double(value)
                }
            }
        }
        let means = sums.map { $0 / Double(max(count, 1)) }
        mean = means
        // Images of one colour have no deviation to divide by.
        std = zip(squares, means).map { max($0 / Double(max(count, 1)) - $1 * $1, 1e-6).squareRoot() }
    }
}

public import BantamGraph
public import BantamMedia
public import BantamNetwork

extension Preprocessing {
    /// How images become a network's input, by the convention of its published weights.
    ///
    /// - Parameters:
    ///   - inputShape: The network's input without the batch, `[C, H, W]` or `[C, T, H, W]`.
    ///   - publishedShape: The input that the convention was made for. Another one scales the size before the crop in
    ///     proportion.
    /// - Throws: `invalidPreprocessing` for a number of channels other than 1 or 3.
    public init(
        _ convention: InputConvention, inputShape: Shape, publishedShape: Shape
    ) throws(MediaError) {
        let extent = ImageExtent(width: inputShape[inputShape.rank - 1], height: inputShape[inputShape.rank - 2])
        let published = ImageExtent(
            width: publishedShape[publishedShape.rank - 1], height: publishedShape[publishedShape.rank - 2])
        // Rounded up: the crop must fit.
        func scaled(_ pixels: Int, _ side: Int, _ publishedSide: Int) -> Int {
            (pixels * side + publishedSide - 1) / publishedSide
        }
        let resize: Resize
        switch convention.resize {
        case .none: resize = .exact(width: extent.width, height: extent.height)
        case .exact(let width, let height):
            resize = .exact(
                width: scaled(width, extent.width, published.width),
                height: scaled(height, extent.height, published.height))
        case .shorterSide(let pixels):
            resize = .shorterSide(
                pixels: max(
                    scaled(pixels, extent.width, published.width), scaled(pixels, extent.height, published.height)))
        }
        try self.init(
            resize: resize, crop: extent, colorOrder: inputShape[0] == 1 ? .gray : .rgb, mean: convention.mean,
            std: convention.std,
            clip: inputShape.rank == 4
                ? ClipSampling(frameCount: inputShape[1], framesPerSecond: convention.framesPerSecond) : nil)
    }
}

import BantamGraph

/// The axes of one sample's tensor, and where its elements lie.
struct SampleLayout: Hashable {
    let channels: Int
    /// `nil` for an image, which has no time axis.
    let frames: Int?
    let extent: ImageExtent
    let order: Preprocessing.Layout

    /// `[C, H, W]`, `[C, T, H, W]`, `[H, W, C]` or `[T, H, W, C]`.
    var shape: Shape {
        let time = frames.map { [$0] } ?? []
        let space = time + [extent.height, extent.width]
        return Shape(order == .channelsFirst ? [channels] + space : space + [channels])
    }

    /// Elements from one to the next along each axis.
    var pixelStride: Int { order == .channelsFirst ? 1 : channels }
    var rowStride: Int { extent.width * pixelStride }
    var frameStride: Int { extent.height * rowStride }
    var channelStride: Int { order == .channelsFirst ? (frames ?? 1) * frameStride : 1 }
}

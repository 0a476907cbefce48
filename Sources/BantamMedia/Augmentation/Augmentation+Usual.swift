extension Augmentation {
    /// Changes that leave the meaning of photographs as it is: mirrored in half of the cases, and shifted by up to a fourteenth
    /// of the height. Characters, drawings and measurements may mean something else then, and are left as they are.
    ///
    /// Taken for photographs are images in three colours of some size, by the first of them. Krizhevsky et al., *ImageNet
    /// Classification with Deep Convolutional Neural Networks*, NeurIPS 2012, section 4.1.
    ///
    /// - Throws: What reading the first sample throws.
    public static func usual(
        for dataset: any Dataset, as preprocessing: Preprocessing
    ) throws(MediaError) -> [Augmentation] {
        guard dataset.count > 0, case .image(let image) = try dataset.sample(at: 0).content, image.channels == 3,
            min(image.width, image.height) >= smallestPhotograph, preprocessing.colorOrder != .gray
        else { return [] }
        let height =
            preprocessing.crop?.height
            ?? {
                switch preprocessing.resize {
                case .keep: image.height
                case .exact(_, let height): height
                case .shorterSide(let pixels): pixels
                }
            }()
        return [.horizontalFlip(probability: 0.5), .randomCrop(padding: max(height / 14, 1))]
    }

    private static let smallestPhotograph = 96
}

import BantamGraph

/// The small network of countless introductions: two convolutions, two linear layers, for 28x28 grey images.
///
/// It descends from LeNet-5 (LeCun et al., *Gradient-Based Learning Applied to Document Recognition*, 1998).
enum SimpleCNN: Architecture {
    static var variants: [ArchitectureVariant] {
        [
            ArchitectureVariant(
                name: "simple_cnn", summary: "2 convolutions and 2 linear layers on 1x28x28", classCount: 10,
                inputShape: [1, 28, 28], publishedParameters: 21_840, layers: layers)
        ]
    }

    /// - Parameter input: `[N, 1, 28, 28]`
    private static func layers(_ build: inout LayerBuilder, input: ValueID, settings: ArchitectureSettings) -> ValueID {
        var x = build.convolution(input, "conv1", channels: (1, 10), kernel: [5, 5])  // [N, 10, 24, 24]
        x = build.maxPool(x, "pool1", kernel: [2, 2])  // [N, 10, 12, 12]
        x = build.relu(x, "relu1")
        x = build.convolution(x, "conv2", channels: (10, 20), kernel: [5, 5])  // [N, 20, 8, 8]
        x = build.maxPool(x, "pool2", kernel: [2, 2])  // [N, 20, 4, 4]
        x = build.relu(x, "relu2")
        x = build.flatten(x)  // [N, 320]
        x = build.linear(x, "fc1", features: (320, 50))
        x = build.relu(x, "relu3")
        return build.linear(x, "fc2", features: (50, settings.classCount))
    }
}

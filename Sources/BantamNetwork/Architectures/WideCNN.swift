import BantamGraph

/// A wider relative of `simple_cnn` with batch normalization: its teacher.
enum WideCNN: Architecture {
    static var variants: [ArchitectureVariant] {
        [
            ArchitectureVariant(
                name: "wide_cnn", summary: "3 normalized convolutions and 2 linear layers on 1x28x28", classCount: 10,
                inputShape: [1, 28, 28], layers: layers)
        ]
    }

    /// - Parameter input: `[N, 1, 28, 28]`
    private static func layers(_ build: inout LayerBuilder, input: ValueID, settings: ArchitectureSettings) -> ValueID {
        var x = input
        for (index, channels) in [(1, 24), (24, 48), (48, 96)].enumerated() {
            x = build.convolution(
                x, "conv\(index + 1)", channels: channels, kernel: [3, 3], padding: [1, 1], bias: false)
            x = build.batchNorm(x, "bn\(index + 1)", channels: channels.1)
            x = build.relu(x, "relu\(index + 1)")
            x = build.maxPool(x, "pool\(index + 1)", kernel: [2, 2])
        }
        x = build.flatten(x)  // [N, 96 * 3 * 3]
        x = build.linear(x, "fc1", features: (864, 256))
        x = build.relu(x, "relu4")
        return build.linear(x, "fc2", features: (256, settings.classCount))
    }
}

public import BantamGraph

/// Every architecture Bantam can build. A new one is one file in this folder and one line here.
public enum Architectures {
    public static let all: [any Architecture.Type] = [
        SimpleCNN.self,
        WideCNN.self,
        MobileNetV2.self,
        MobileNetV3.self,
        ShuffleNetV2.self,
        EfficientNetLite.self,
        ResNet.self,
        CIFARResNet.self,
        SqueezeNet.self,
        VideoResNet.self,
        SlowFast.self,
        X3D.self,
        MoViNet.self,
        TSM.self,
        SlowFastMobileNetV3.self,
        VideoTransformer.self,
    ]

    public static let variants: [ArchitectureVariant] = all.flatMap { $0.variants }

    /// The network of this name.
    ///
    /// - Throws: `unknownArchitecture`, with the names there are.
    public static func variant(named name: String) throws(NetworkError) -> ArchitectureVariant {
        guard let variant = variants.first(where: { $0.name == name }) else {
            throw .unknownArchitecture(name, known: variants.map(\.name))
        }
        return variant
    }
}

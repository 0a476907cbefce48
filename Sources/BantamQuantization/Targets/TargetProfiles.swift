public import BantamModel

/// Every target profile. A new one is one file in this folder and one line here.
public enum TargetProfiles {
    public static let all: [TargetProfile] = [
        .x86VNNI,
        .x86,
        .armDotProduct,
        .npu2D,
    ]

    /// The profile of this name.
    ///
    /// - Throws: `unknownName`, listing the names there are.
    public static func profile(named name: String) throws(CompressionError) -> TargetProfile {
        guard let profile = all.first(where: { $0.name == name }) else {
            throw .unknown("target profile", name, known: all.map(\.name))
        }
        return profile
    }
}

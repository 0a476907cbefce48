extension TargetProfile {
    /// x86-64 before VNNI, where pairs of products are summed in 16 bits that saturate.
    ///
    /// 2 * 255 * 127 does not fit 16 bits, 2 * 255 * 63 does: so weights use 7 bits.
    public static let x86 = {
        var profile = x86VNNI
        profile.name = "x86"
        profile.summary = "x86-64 without VNNI: uint8 activations, 7-bit weights that cannot saturate 16-bit sums"
        profile.weights = WeightFormat(bits: 7)
        return profile
    }()
}

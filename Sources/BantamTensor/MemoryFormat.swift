import CTorch

/// The order of a tensor's elements in memory; its shape reads the same in each.
public enum MemoryFormat: Hashable, Sendable {
    /// Row-major.
    case contiguous
    /// Whatever the input has.
    case preserve
    /// Channels innermost, for images `[N, C, H, W]`.
    case channelsLast
    /// Channels innermost, for clips `[N, C, T, H, W]`.
    case channelsLast3D

    /// Channels innermost for a tensor of this rank; row-major where there is no such format.
    public static func channelsLast(rank: Int) -> MemoryFormat {
        switch rank {
        case 4: .channelsLast
        case 5: .channelsLast3D
        default: .contiguous
        }
    }

    var native: ctorch_memory_format {
        switch self {
        case .contiguous: CTORCH_CONTIGUOUS
        case .preserve: CTORCH_PRESERVE
        case .channelsLast: CTORCH_CHANNELS_LAST
        case .channelsLast3D: CTORCH_CHANNELS_LAST_3D
        }
    }
}

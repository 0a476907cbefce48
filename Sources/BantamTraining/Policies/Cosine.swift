import Glibc

/// The C library's cosine, so that nothing here needs Foundation.
func cosine(_ angle: Double) -> Double { cos(angle) }

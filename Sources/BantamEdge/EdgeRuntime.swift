public import BantamGraph
import COpenVINO

/// The runtime that measures and evaluates exported models: OpenVINO.
public enum EdgeRuntime {
    /// The name that results carry.
    public static let name = "openvino"

    /// A device that OpenVINO can run models on.
    public struct Device: Hashable, Sendable, Codable {
        /// The name to give in ``SessionOptions/device``, such as `"CPU"`.
        public var name: String
        /// The maker's name of it.
        public var fullName: String
        /// What it computes natively, such as `"BF16"`, `"FP32"`, `"INT8"`.
        public var capabilities: [String]
    }

    /// The library's version, such as `"2026.4.1-22982-e213a147257-releases/2026/4"`.
    ///
    /// - Throws: `missingLibrary` when OpenVINO is not installed.
    public static func version() throws(EdgeError) -> String {
        try OpenVINO.string({ $0.version($1) }, orThrow: EdgeError.brokenRuntime)
    }

    /// Makes the process give large blocks of memory back to the system as soon as they are freed, where the C library
    /// would keep them: for work in one process that compiles models in passing.
    ///
    /// - Throws: `missingLibrary` when OpenVINO is not installed.
    public static func returnLargeBlocks() throws(EdgeError) {
        try OpenVINO.functions().return_large_blocks()
    }

    /// The devices of this machine.
    ///
    /// - Throws: `missingLibrary` when OpenVINO is not installed.
    public static func devices() throws(EdgeError) -> [Device] {
        let names = try OpenVINO.string({ $0.devices($1) }, orThrow: EdgeError.brokenRuntime)
        var devices: [Device] = []
        for name in names.split(separator: ",").map(String.init) {
            devices.append(
                Device(
                    name: name, fullName: try property("FULL_DEVICE_NAME", of: name),
                    capabilities: try capabilities(of: name)))
        }
        return devices
    }

    static func capabilities(of device: String) throws(EdgeError) -> [String] {
        try property("OPTIMIZATION_CAPABILITIES", of: device).split(separator: " ").map(String.init)
    }

    private static func property(_ key: String, of device: String) throws(EdgeError) -> String {
        try OpenVINO.string({ $0.device_property(device, key, $1) }) { .unsupportedDevice(device, reason: $0) }
    }
}

import Glibc

/// What the system's loader reported.
public struct LoaderFailure: Error, CustomStringConvertible {
    public var reason: String

    public var description: String { "\(reason)." }
}

/// A shared library opened at first use.
///
/// libtorch takes 0.2 to 0.4 s to load, and any of the native libraries may be absent. So the binary links none of
/// them: each is wrapped by a plugin (`TorchPlugin`, `MediaPlugin`, `OpenVINOPlugin`) that exports one function,
/// which returns a table of C functions.
public enum NativeLibrary {
    /// Opens the plugin and returns its function table.
    ///
    /// The library is looked for beside the executable, then in `../lib/bantam`, then on the loader's own path.
    /// It is never closed.
    ///
    /// - Parameters:
    ///   - plugin: The plugin's target name, such as `"TorchPlugin"`.
    ///   - symbol: The exported `const void *(void)` function that returns the table.
    /// - Throws: `missingLibrary`, with the loader's reason.
    public static func open(plugin: String, symbol: String) throws(GraphError) -> UnsafeRawPointer {
        let file = "lib\(plugin).so"
        var reason = ""
        for candidate in candidates(for: file) {
            guard let handle = dlopen(candidate, RTLD_NOW | RTLD_LOCAL) else {
                let failure = dlerror().map { String(cString: $0) } ?? ""
                // Report the most telling reason: that of a file which exists but lacks a library of its own.
                if reason.isEmpty || access(candidate, F_OK) == 0 { reason = failure }
                continue
            }
            guard let address = dlsym(handle, symbol) else {
                throw .missingLibrary(plugin: plugin, reason: "\(candidate) has no symbol \(symbol)")
            }
            typealias Table = @convention(c) () -> UnsafeRawPointer?
            guard let table = unsafeBitCast(address, to: Table.self)() else {
                throw .missingLibrary(plugin: plugin, reason: "\(candidate) returned no functions")
            }
            return table
        }
        throw .missingLibrary(plugin: plugin, reason: reason)
    }

    private static func candidates(for file: String) -> [String] {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &path, path.count - 1)
        guard length > 0 else { return [file] }
        let executable = String(decoding: path[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folder = executable.prefix(upTo: executable.lastIndex(of: "/") ?? executable.startIndex)
        return ["\(folder)/\(file)", "\(folder)/../lib/bantam/\(file)", file]
    }
}

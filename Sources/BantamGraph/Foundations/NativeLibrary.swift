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
    /// The library is looked for beside the executable, then in `../lib/bantam`, where `make install` puts it. A program
    /// of another package has neither: it finds what `make build` left in Bantam's sources, or what was installed in
    /// `/usr/local`. The loader's own path comes last. `BANTAM_PLUGINS` names the one folder to look in instead.
    /// A library is never closed.
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

    /// The tree that `make install` made and that this program stands in, as in `/usr/local`; `nil` elsewhere.
    public static var installation: String? {
        guard let folder = executableFolder, folder.hasSuffix("/bin") else { return nil }
        let tree = String(folder.dropLast("/bin".count))
        return access("\(tree)/lib/bantam", F_OK) == 0 ? tree : nil
    }

    private static func candidates(for file: String) -> [String] {
        if let folder = getenv("BANTAM_PLUGINS") { return ["\(String(cString: folder))/\(file)"] }
        let own = executableFolder.map { ["\($0)/\(file)", "\($0)/../lib/bantam/\(file)"] } ?? []
        // One that is there and cannot be opened is to be mended, not passed over for another.
        guard !own.contains(where: { access($0, F_OK) == 0 }) else { return own }
        let builds = ["release", "debug"].map { "\(sources)/.build/\($0)/\(file)" }
        return own + builds + ["/usr/local/lib/bantam/\(file)", file]
    }

    /// The folder of Bantam's package when it was compiled.
    private static let sources: String = {
        var path = #filePath[...]
        // Sources/BantamGraph/Foundations/NativeLibrary.swift
        for _ in 0..<4 { path = path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex) }
        return String(path)
    }()

    private static var executableFolder: String? {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &path, path.count - 1)
        guard length > 0 else { return nil }
        let executable = String(decoding: path[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return String(executable.prefix(upTo: executable.lastIndex(of: "/") ?? executable.startIndex))
    }
}

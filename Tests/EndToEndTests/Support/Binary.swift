import FoundationEssentials
import Glibc
import Testing

/// The binary under test.
enum Binary {
    /// The folder of the test bundle, where the build leaves the binary and its plugins too.
    static let folder: String = {
        let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "./bundle"
        return String(executable[..<(executable.lastIndex(of: "/") ?? executable.startIndex)])
    }()

    static let path = "\(folder)/bantam"

    /// Runs a program to its end.
    ///
    /// - Parameters:
    ///   - folder: The working folder.
    ///   - timeLimit: After which the program is killed and the test fails.
    static func run(
        _ arguments: [String], executable: String = path, in folder: String, timeLimit: Duration = .seconds(120)
    ) throws -> Run {
        let (output, error) = (try Capture(), try Capture())
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.descriptor, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, error.descriptor, STDERR_FILENO)
        // The library's own way to change the folder is not visible from Swift.
        let changingFolder = "/usr/bin/env"
        let argumentList = CStringList([changingFolder, "-C", folder, executable] + arguments)
        let environment = CStringList(Self.environment)
        var child = pid_t()
        let failure = posix_spawn(&child, changingFolder, &actions, nil, argumentList.pointers, environment.pointers)
        try #require(failure == 0, "\(executable) cannot be started: \(String(cString: strerror(failure)))")
        let status = try wait(for: child, timeLimit)
        return Run(arguments: arguments, status: status, output: try output.text(), error: try error.text())
    }

    /// One thread for each of the commands that run side by side, and help in lines of one width.
    private static let environment: [String] = {
        var variables = ProcessInfo.processInfo.environment
        variables["OMP_NUM_THREADS"] = "1"
        variables["COLUMNS"] = "80"
        return variables.map { "\($0)=\($1)" }
    }()

    /// - Returns: The exit status, or minus the signal that ended the process.
    private static func wait(for child: pid_t, _ timeLimit: Duration) throws -> Int32 {
        let end = ContinuousClock.now + timeLimit
        var state: Int32 = 0
        while waitpid(child, &state, WNOHANG) == 0 {
            if ContinuousClock.now > end {
                kill(child, SIGKILL)
                waitpid(child, &state, 0)
                Issue.record("killed after \(timeLimit)")
                break
            }
            usleep(2000)
        }
        let signal = state & 0x7f
        return signal == 0 ? state >> 8 & 0xff : -signal
    }
}

/// What a run left.
struct Run {
    var arguments: [String]
    var status: Int32
    var output: String
    var error: String

    /// - Throws: A failed expectation, with what the command complained of, unless it succeeded.
    @discardableResult
    func succeeded(sourceLocation: SourceLocation = #_sourceLocation) throws -> Run {
        try #require(status == 0, "\(arguments): \(error)", sourceLocation: sourceLocation)
        return self
    }

    /// Standard output, which must be one JSON object and nothing else.
    func json<Value: Decodable>(
        as type: Value.Type = Value.self, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Value {
        #expect(output.hasPrefix("{") && output.hasSuffix("}\n"), sourceLocation: sourceLocation)
        return try JSONDecoder().decode(type, from: Data(output.utf8))
    }
}

/// A nameless file that a program writes into.
private final class Capture {
    private let file: UnsafeMutablePointer<FILE>

    init() throws {
        file = try #require(tmpfile())
    }

    deinit { fclose(file) }

    var descriptor: Int32 { fileno(file) }

    func text() throws -> String {
        rewind(file)
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { text += chunk[..<count] }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Strings as `execve` takes them.
private final class CStringList {
    private(set) var pointers: [UnsafeMutablePointer<CChar>?]

    init(_ strings: [String]) {
        pointers = strings.map { strdup($0) } + [nil]
    }

    deinit { for pointer in pointers { free(pointer) } }
}

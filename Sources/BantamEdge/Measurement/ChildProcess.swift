@preconcurrency import Glibc

/// Runs an executable and collects what it prints.
public enum ChildProcess {
    /// Waits for the process to end.
    ///
    /// - Parameters:
    ///   - arguments: Without the executable's own name.
    ///   - variables: Of the environment, in place of this process's or beside them.
    /// - Returns: The standard output. Standard error goes where this process's goes.
    /// - Throws: `measurementFailed` when it cannot be started, or ends with another status than 0.
    public static func output(
        of executable: String, _ arguments: [String], variables: [String: String] = [:]
    ) throws(EdgeError) -> [UInt8] {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw failure(executable, errno) }
        // In the child the pipe is its standard output and nothing else.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)

        var argumentVector = ([executable] + arguments).map { strdup($0) } + [nil]
        defer { for argument in argumentVector { free(argument) } }
        var environmentVector = environment(with: variables).map { strdup($0) } + [nil]
        defer { for entry in environmentVector { free(entry) } }
        var process = pid_t()
        let started = posix_spawn(&process, executable, &actions, nil, &argumentVector, &environmentVector)
        close(ends[1])
        guard started == 0 else { throw failure(executable, started) }

        let printed = readAll(ends[0])
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { throw failure(executable, errno) }
        }
        // The two macros of <sys/wait.h>: the low seven bits are the signal, the next eight the exit status.
        let signal = status & 0x7f
        let exitStatus = (status >> 8) & 0xff
        guard signal == 0 else { throw .childFailed(executable, reason: "it was stopped by signal \(signal)") }
        guard exitStatus == 0 else { throw .childFailed(executable, reason: "it ended with status \(exitStatus)") }
        return printed
    }

    /// This process's environment, `NAME=value` each, with other values for some names.
    private static func environment(with variables: [String: String]) -> [String] {
        var entries: [String] = []
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            let name = text.prefix { $0 != "=" }
            if variables[String(name)] == nil { entries.append(text) }
            next += 1
        }
        return entries + variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }

    private static func readAll(_ file: Int32) -> [UInt8] {
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(file, &chunk, chunk.count)
            if count > 0 {
                result += chunk[..<count]
            } else if count == 0 || errno != EINTR {
                return result
            }
        }
    }

    private static func failure(_ executable: String, _ code: Int32) -> EdgeError {
        .childFailed(executable, reason: String(cString: strerror(code)))
    }
}

import Glibc
import Synchronization

/// A loop whose rounds run on several threads, in no order.
enum ParallelLoop {
    /// Runs `body` for each index below `count`; returns after the last.
    ///
    /// - Parameter threads: 1 or less, and threads that the system does not have, leave the work to the caller's.
    static func run(count: Int, threads: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let rounds = Rounds(count: count, body)
        var started: [pthread_t] = []
        for _ in 1..<max(min(threads, count), 1) {
            var thread = pthread_t()
            let context = Unmanaged.passRetained(rounds)
            let status = pthread_create(
                &thread, nil,
                { context in
                    guard let context else { return nil }
                    Unmanaged<Rounds>.fromOpaque(context).takeRetainedValue().work()
                    return nil
                }, context.toOpaque())
            guard status == 0 else {
                context.release()
                break
            }
            started.append(thread)
        }
        rounds.work()
        for thread in started { pthread_join(thread, nil) }
    }

    private final class Rounds: Sendable {
        private let next = Atomic<Int>(0)
        private let count: Int
        private let body: @Sendable (Int) -> Void

        init(count: Int, _ body: @escaping @Sendable (Int) -> Void) {
            self.count = count
            self.body = body
        }

        func work() {
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                body(index)
            }
        }
    }
}

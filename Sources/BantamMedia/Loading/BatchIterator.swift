import Glibc

/// The batches of one epoch, in order.
///
/// One task uses an iterator at a time. When it goes, its threads end; that waits for the batches in the making.
public final class BatchIterator {
    private let queue: BatchQueue
    private var threads: [pthread_t] = []

    init(
        numbers: Range<Int>, workers: Int, prefetch: Int,
        make: @escaping @Sendable (Int) -> Result<Batch, MediaError>
    ) {
        queue = BatchQueue(numbers: numbers, capacity: prefetch, make: make)
        for _ in 0..<min(workers, prefetch, numbers.count) {
            var thread = pthread_t()
            let context = Unmanaged.passRetained(queue)
            let status = pthread_create(
                &thread, nil,
                { context in
                    guard let context else { return nil }
                    Unmanaged<BatchQueue>.fromOpaque(context).takeRetainedValue().work()
                    return nil
                }, context.toOpaque())
            guard status == 0 else {
                // The system has no thread to spare: go on with those there are, or with none.
                context.release()
                break
            }
            threads.append(thread)
        }
    }

    deinit {
        queue.stop()
        for thread in threads { pthread_join(thread, nil) }
    }

    /// The next batch, or `nil` after the last or after an error.
    ///
    /// - Throws: What reading one of its samples threw, with the file's name.
    public func next() throws(MediaError) -> Batch? {
        let result = threads.isEmpty ? queue.makeNext() : queue.takeNext()
        guard let result else { return nil }
        do throws(MediaError) {
            return try result.get()
        } catch {
            queue.stop()
            throw error
        }
    }
}

/// Batches made out of order by several threads and taken in order by one.
private final class BatchQueue: @unchecked Sendable {  // All mutable state is guarded by the monitor.
    private let monitor = Monitor()
    private let make: @Sendable (Int) -> Result<Batch, MediaError>
    private let capacity: Int
    private let end: Int
    private var finished: [Int: Result<Batch, MediaError>] = [:]
    /// The next batch that nobody makes yet, and the next to be taken.
    private var unclaimed: Int
    private var untaken: Int
    private var isStopped = false

    init(numbers: Range<Int>, capacity: Int, make: @escaping @Sendable (Int) -> Result<Batch, MediaError>) {
        self.make = make
        self.capacity = capacity
        end = numbers.upperBound
        unclaimed = numbers.lowerBound
        untaken = numbers.lowerBound
    }

    /// What a thread does: makes batches until there are no more.
    func work() {
        while let number = claim() {
            let result = make(number)
            monitor.withLock {
                finished[number] = result
                monitor.wakeAll()
            }
        }
    }

    private func claim() -> Int? {
        monitor.withLock {
            while !isStopped, unclaimed < end, unclaimed - untaken >= capacity { monitor.wait() }
            guard !isStopped, unclaimed < end else { return nil }
            defer { unclaimed += 1 }
            return unclaimed
        }
    }

    func takeNext() -> Result<Batch, MediaError>? {
        monitor.withLock {
            guard !isStopped, untaken < end else { return nil }
            while finished[untaken] == nil { monitor.wait() }
            defer {
                untaken += 1
                monitor.wakeAll()
            }
            return finished.removeValue(forKey: untaken)
        }
    }

    /// Makes the next batch on the caller's thread.
    func makeNext() -> Result<Batch, MediaError>? {
        guard !isStopped, untaken < end else { return nil }
        defer { untaken += 1 }
        return make(untaken)
    }

    func stop() {
        monitor.withLock {
            isStopped = true
            monitor.wakeAll()
        }
    }
}

/// A lock with a condition to wait for.
private final class Monitor: @unchecked Sendable {  // The system's own primitives.
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        lock.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(lock, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(lock)
        condition.deallocate()
        lock.deallocate()
    }

    func withLock<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body()
    }

    /// Gives the lock up until another thread wakes this one.
    func wait() { pthread_cond_wait(condition, lock) }
    func wakeAll() { pthread_cond_broadcast(condition) }
}

import BantamGraph

/// What the process leaves for scripts: the codes of `sysexits.h`.
enum ExitStatus: Int32, Error {
    case success = 0
    case usage = 64
    case badInput = 65
    case missingRuntime = 69
    case internalFault = 70
    case unmetBudget = 75

    init(_ category: ErrorCategory) {
        self =
            switch category {
            case .usage: .usage
            case .badInput: .badInput
            case .missingRuntime: .missingRuntime
            case .internalFault: .internalFault
            case .unmetBudget: .unmetBudget
            }
    }

    /// What a process that ended with this status reported.
    var category: ErrorCategory {
        switch self {
        case .usage: .usage
        case .badInput: .badInput
        case .missingRuntime: .missingRuntime
        case .internalFault, .success: .internalFault
        case .unmetBudget: .unmetBudget
        }
    }
}

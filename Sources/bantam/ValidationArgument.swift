import ArgumentParser

/// What `--validation` names: a share of the training samples, or a folder.
enum ValidationArgument: ExpressibleByArgument {
    /// 0...0.9; 0 for none.
    case share(Double)
    case folder(String)

    init?(argument: String) {
        guard let share = Double(argument) else {
            self = .folder(argument)
            return
        }
        guard (0...0.9).contains(share) else { return nil }
        self = .share(share)
    }

    var defaultValueDescription: String {
        switch self {
        case .share(let share): "\(share)"
        case .folder(let folder): folder
        }
    }
}

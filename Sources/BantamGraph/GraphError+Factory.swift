// Every text of a `GraphError`.

extension CodedError<GraphErrorCode> {
    static func missingLibrary(plugin: String, reason: String) -> Self {
        Self(
            .missingLibrary,
            "\(plugin) could not be opened (\(reason)); run `bantam doctor` for the command that installs it.")
    }
}

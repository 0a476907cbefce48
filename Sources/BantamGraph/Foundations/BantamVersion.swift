/// The version of Bantam, as the command line prints it and model files carry it.
public enum BantamVersion {
    public static let current = "0.1.0"
}

import ArgumentParser
import BantamEdge
import BantamGraph
import BantamMedia
import BantamTensor
import FoundationEssentials

struct Doctor: BantamCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows which libraries and processor features were found, and how to install what is missing.")

    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var bantam: String
        var processor: String
        var features: [String]
        var libraries: [Library]
        var isComplete: Bool
    }

    struct Library: Encodable {
        var name: String
        var purpose: String
        /// `nil` where it is missing.
        var version: String?
        var details: String?
        /// What installs it, where it is missing.
        var remedy: String?
    }

    func execute(console: Console) throws -> Output {
        // An installed tree has its libraries with it, and no script beside it.
        let native =
            NativeLibrary.installation.map { "make install PREFIX=\($0), in Bantam's sources" } ?? "Scripts/bootstrap"
        let libraries = [
            library("libtorch", for: "training", install: native) {
                (try Torch.version(), "\(try Torch.cpuCapability()), \(try cudaDevices())")
            },
            library("OpenVINO", for: "running and measuring models", install: native) {
                let devices = try EdgeRuntime.devices()
                let capabilities = devices.map { "\($0.name): \($0.capabilities.joined(separator: " "))" }
                return (try EdgeRuntime.version(), capabilities.joined(separator: "; "))
            },
            library(
                "FFmpeg", for: "reading images and videos",
                install: "apt-get install libavformat-dev libavcodec-dev libswscale-dev libavutil-dev libavdevice-dev"
            ) { (try MediaLibrary.versions(), nil) },
        ]
        return Output(
            bantam: BantamVersion.current, processor: Processor.name, features: Processor.features,
            libraries: libraries,
            isComplete: libraries.allSatisfy { $0.version != nil })
    }

    func text(of output: Output) -> String {
        var lines = [
            "Bantam \(output.bantam)", "Processor  \(output.processor)",
            "Features   "
                + (output.features.isEmpty
                    ? "none that speed up INT8 or bfloat16" : output.features.joined(separator: " ")),
        ]
        for library in output.libraries {
            let name = library.name.padding(to: 11)
            if let version = library.version {
                lines.append(name + version + (library.details.map { " (\($0))" } ?? ""))
            } else {
                lines.append(name + "MISSING, needed for \(library.purpose). \(library.details ?? "")")
                lines.append("           install it with: \(library.remedy ?? "")")
            }
        }
        lines.append(output.isComplete ? "All is there." : "Something is missing: see above.")
        return lines.joined(separator: "\n")
    }

    func status(of output: Output) -> ExitStatus { output.isComplete ? .success : .missingRuntime }

    private func library(
        _ name: String, for purpose: String, install remedy: String, facts: () throws -> (String, String?)
    ) -> Library {
        do {
            let (version, details) = try facts()
            return Library(name: name, purpose: purpose, version: version, details: details)
        } catch {
            // The error itself would send the reader here.
            let reason = (error as? any ReportableError)?.cause ?? error
            return Library(name: name, purpose: purpose, details: "\(reason)", remedy: remedy)
        }
    }

    private func cudaDevices() throws -> String {
        // A libtorch without CUDA is the usual case, not a fault.
        guard let count = try? Device.count(of: .cuda), count > 0 else { return "no CUDA device" }
        return "\(count) CUDA device\(count == 1 ? "" : "s")"
    }
}

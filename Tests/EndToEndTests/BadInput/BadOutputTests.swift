import FoundationEssentials
import Testing

extension EndToEnd {
    @Suite struct `Unusable outputs` {
        private static let commands = [
            ["create", "simple_cnn"],
            ["train", "shop/model.onnx", "--data", "shop/images"] + Workshop.training,
            ["quantize", "shop/trained.onnx", "--dynamic"],
        ]

        @Test(arguments: commands)
        func `A place that cannot be written to is refused before the work`(_ command: [String]) throws {
            let folder = try WorkingFolder()
            // Nobody, not even root, can make a file in /proc.
            for (place, named, text) in [
                ("nowhere/out.onnx", "nowhere", "No such file"), ("/proc/out.onnx", "/proc", "No such file"),
                ("shop/model.onnx/out.onnx", "shop/model.onnx", "a file"),
                ("shop/images", "shop/images", "else"),
                ("/dev/null", "/dev/null", "else"),
            ] {
                let run = try folder.bantam(command + ["-o", place])
                run.expectRefusal(65, says: [named, text])
                #expect(!run.error.contains("training"))
            }
            #expect(try folder.contents().isEmpty)
        }

        @Test func `Slimming needs a folder it can make or use`() throws {
            let folder = try WorkingFolder()
            for (place, text) in [("/proc/out", "No such file"), ("shop/model.onnx", "a file")] {
                try folder.expect(
                    Refusal(place, ["slim", "--data", "shop/images", "-o", place], 65, says: place, text))
            }
        }

        @Test func `Checkpoints need a folder as well`() throws {
            try WorkingFolder().expect(
                Refusal(
                    "checkpoints", Self.commands[1] + ["--checkpoints", "shop/model.onnx", "-o", "out.onnx"], 65,
                    says: "shop/model.onnx", "a file"))
        }

        @Test(
            .enabled(if: SmallDisk.isAvailable, "a file system of its own cannot be mounted here"), arguments: commands)
        func `A full disk leaves what was there, and no part of a file`(_ command: [String]) throws {
            let folder = try WorkingFolder()
            let run = try SmallDisk.run(command + ["-o", "disk/out.onnx"], in: folder)
            run.expectRefusal(65, says: ["disk/out.onnx", "No space left on device", "make room"])
            #expect(run.output == "out.onnx: old\n")
        }
    }
}

/// A disk of 16 KiB that only the command sees.
private enum SmallDisk {
    static let isAvailable: Bool = {
        let run = try? Binary.run(options + ["-c", "mount -t tmpfs none /mnt"], executable: unshare, in: "/")
        return run?.status == 0
    }()

    private static let unshare = "/usr/bin/unshare"
    private static let options = ["--map-root-user", "--mount", "/bin/sh"]

    /// Runs a command while `disk` is such a disk, and lists what is on it afterwards.
    static func run(_ command: [String], in folder: WorkingFolder) throws -> Run {
        try FileManager.default.createDirectory(atPath: folder.file("disk"), withIntermediateDirectories: false)
        let script = """
            mount -t tmpfs -o size=16k none disk && echo old > disk/out.onnx && "$0" "$@"
            status=$?
            for file in disk/*; do echo "${file#disk/}: $(cat "$file")"; done
            exit $status
            """
        return try Binary.run(
            options + ["-c", script, Binary.path] + command, executable: unshare, in: folder.path)
    }
}

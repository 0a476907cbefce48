import Testing

extension EndToEnd {
    @Suite struct `Missing libraries` {
        /// A copy of the binary without its plugins.
        private let folder: WorkingFolder

        init() throws {
            folder = try WorkingFolder()
            // Not by this process: a file that it has open for writing cannot be started, and other tests fork meanwhile.
            try Binary.run([Binary.path, "bantam"], executable: "/bin/cp", in: folder.path).succeeded()
        }

        private func alone(_ arguments: String...) throws -> Run { try alone(arguments) }

        /// Without the plugins of the sources that it was built from.
        private func alone(_ arguments: [String]) throws -> Run {
            try Binary.run(
                ["BANTAM_PLUGINS=\(folder.path)", folder.file("bantam")] + arguments, executable: "/usr/bin/env",
                in: folder.path)
        }

        @Test func `The doctor starts, names each, and says how to install it`() throws {
            let run = try alone("doctor")
            #expect(run.status == 69)
            for name in ["libtorch   MISSING", "OpenVINO   MISSING", "FFmpeg     MISSING"] {
                #expect(run.output.contains(name))
            }
            #expect(run.output.contains("Scripts/bootstrap") && run.output.contains("apt-get install libavformat-dev"))
            #expect(run.output.hasSuffix("Something is missing: see above.\n"))
        }

        @Test func `What needs no library works`() throws {
            try alone("create", "simple_cnn", "-o", "cnn.onnx").succeeded()
            #expect(try alone("inspect", "cnn.onnx").succeeded().output.contains("21840"))
            try alone("prune", "--help").succeeded()
        }

        @Test func `A command that needs one says which, and what finds it`() throws {
            for (arguments, plugin) in [
                (["evaluate", "shop/trained.onnx", "--data", "shop/images"], "MediaPlugin"),
                (["bench", "shop/trained.onnx"], "OpenVINOPlugin"),
                (["train", "shop/model.onnx", "--data", "shop/images", "-o", "out.onnx"], "TorchPlugin"),
                (["verify", "shop/model.onnx", "shop/model.onnx", "--data", "shop/images"], "TorchPlugin"),
                (["slim", "--data", "shop/images", "-o", "out"], "TorchPlugin"),
            ] {
                let before = try folder.contents()
                let run = try alone(arguments)
                run.expectRefusal(69, says: ["lib\(plugin).so", "`bantam doctor`"])
                #expect(run.output.isEmpty)
                #expect(try folder.contents() == before)
            }
        }

        @Test func `What a process lacks that a command starts is said once, with the status for it`() throws {
            for plugin in ["TorchPlugin", "MediaPlugin"] {
                let path = "\(Binary.folder)/lib\(plugin).so"
                try Binary.run([path, "."], executable: "/bin/cp", in: folder.path).succeeded()
            }
            let run = try alone("verify", "shop/model.onnx", "shop/model.onnx", "--data", "shop/images")
            run.expectRefusal(69, says: ["libOpenVINOPlugin.so", "`bantam doctor`"])
            #expect(run.output.isEmpty)
        }

        @Test func `A damaged plugin is named with the loader's reason`() throws {
            try TinyData.write(Array("no library".utf8), to: folder.file("libTorchPlugin.so"))
            let run = try alone("train", "shop/model.onnx", "--data", "shop/images", "-o", "out.onnx")
            run.expectRefusal(69, says: ["libTorchPlugin.so", "`bantam doctor`"])
        }
    }
}

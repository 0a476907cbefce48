import BantamGraph
import BantamNetwork
import BantamTestSupport
import BantamTraining
import Testing

@Suite struct CheckpointFolderTests {
    private let problem = BandProblem(sampleCount: 16)

    private func fit(_ configuration: TrainingConfiguration, in folder: CheckpointFolder) throws {
        _ = try Trainer(
            try problem.network(), objective: CrossEntropy(), configuration: configuration, checkpoints: folder
        ).fit(to: problem)
    }

    @Test func `As many of the latest are kept as the policy says`() throws {
        let folder = try TemporaryFolder()
        try fit(
            .quick(epochs: 11), in: CheckpointFolder(folder.path, policy: CheckpointPolicy(interval: 3, retained: 2)))
        #expect(try folder.names() == ["epoch-11.safetensors", "epoch-9.safetensors"])
    }

    @Test func `Files of other names are left alone`() throws {
        let folder = try TemporaryFolder()
        for name in ["epoch-x.safetensors", "epoch-7.txt", "notes"] { try AtomicFile.write("x", to: folder.file(name)) }
        try fit(.quick(epochs: 1), in: CheckpointFolder(folder.path))
        #expect(try folder.names() == ["epoch-1.safetensors", "epoch-7.txt", "epoch-x.safetensors", "notes"])
    }

    @Test func `A checkpoint of other settings is refused`() throws {
        let folder = try TemporaryFolder()
        try fit(.quick(epochs: 1), in: CheckpointFolder(folder.path))
        let error = #expect(throws: TrainingError.self) {
            try fit(.quick(epochs: 1, rate: 0.01), in: CheckpointFolder(folder.path))
        }
        #expect(error?.code == .otherConfiguration)
    }

    @Test func `A checkpoint of another model is refused`() throws {
        let folder = try TemporaryFolder()
        try fit(.quick(epochs: 1), in: CheckpointFolder(folder.path))
        let wider = BandProblem(space: [9, 9], sampleCount: 16)
        let error = #expect(throws: TrainingError.self) {
            _ = try Trainer(
                try wider.network(), objective: CrossEntropy(), configuration: .quick(epochs: 1),
                checkpoints: CheckpointFolder(folder.path)
            ).fit(to: wider)
        }
        #expect(error?.code == .otherModel)
    }

    @Test func `A file that is no checkpoint is refused with its name`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("epoch-3.safetensors")
        try SafeTensors(tensors: ["x": TensorData([1], [1] as [Float])]).write(to: path)
        let error = #expect(throws: TrainingError.self) { try fit(.quick(), in: CheckpointFolder(folder.path)) }
        #expect(error?.code == .invalidCheckpoint)
        #expect(error?.location?.file == path)
        try AtomicFile.write("cut off", to: path)
        let other = #expect(throws: NetworkError.self) { try fit(.quick(), in: CheckpointFolder(folder.path)) }
        #expect(other?.location?.file == path)
    }

    @Test func `A folder that cannot be made is reported with the system's reason`() throws {
        let folder = try TemporaryFolder()
        try AtomicFile.write("a file", to: folder.file("taken"))
        let error = #expect(throws: TrainingError.self) {
            try fit(.quick(epochs: 1), in: CheckpointFolder(folder.file("taken/checkpoints")))
        }
        #expect(error?.code == .unwritableFolder)
        #expect(error?.message.contains("Not a directory") == true)
    }
}

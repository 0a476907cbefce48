// swift-tools-version: 6.2
import PackageDescription

// Native libraries are unpacked by `Scripts/bootstrap`, which leaves a link `.deps` beside this file.
let dependencies = Context.packageDirectory + "/.deps"
let libtorch = Context.environment["LIBTORCH"] ?? dependencies + "/libtorch"
let openvino = dependencies + "/openvino"

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// A shared library that wraps one native library behind a table of C functions.
///
/// The binary opens it at first use, so that `bantam inspect` does not pay for loading libtorch and
/// `bantam doctor` starts on a machine where it is missing: see docs/decisions/0001.
func plugin(_ name: String) -> Product {
    .library(name: name, type: .dynamic, targets: [name])
}

func library(_ name: String, _ dependencies: [Target.Dependency] = [], excluding: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: excluding, swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

/// Links `libraries` from `folder`, where they are also found at run time.
func linking(_ libraries: [String], in folder: String) -> [LinkerSetting] {
    [.unsafeFlags(["-L" + folder, "-Xlinker", "-rpath", "-Xlinker", folder])] + libraries.map { .linkedLibrary($0) }
}

let warnings: [CSetting] = [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]

let torchSettings: [CXXSetting] = [
    .unsafeFlags([
        "-std=c++20", "-Wall", "-Wextra", "-Werror",
        "-isystem", libtorch + "/include", "-isystem", libtorch + "/include/torch/csrc/api/include",
    ])
]

let collections = Target.Dependency.product(name: "OrderedCollections", package: "swift-collections")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

/// What a compression method may import.
let methodDependencies: [Target.Dependency] = [
    "BantamStage", "BantamLayerwise", "BantamTraining", "BantamNetwork", "BantamMedia", "BantamTensor", "BantamModel",
    "BantamGraph", collections,
]

let package = Package(
    name: "bantam",
    products: [
        .executable(name: "bantam", targets: ["bantam"]),
        .library(
            name: "Bantam",
            targets: [
                "BantamGraph", "BantamONNX", "BantamModel", "BantamTensor", "BantamMedia", "BantamNetwork",
                "BantamTraining", "BantamPruning", "BantamQuantization", "BantamDistillation", "BantamRestructuring",
                "BantamPipeline", "BantamEdge", "BantamReport",
            ]),
        // Models and weights alone, without the parts that train and measure.
        .library(name: "BantamNetwork", targets: ["BantamGraph", "BantamONNX", "BantamModel", "BantamNetwork"]),
        plugin("TorchPlugin"),
        plugin("MediaPlugin"),
        plugin("OpenVINOPlugin"),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        // Without the default traits, which bring in all of Foundation: 7 MB more memory and slower to start.
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    ],
    targets: [
        // The C interfaces, without code: tables of functions that the plugins fill.
        .systemLibrary(name: "CTorch"),
        .systemLibrary(name: "CMedia"),
        .systemLibrary(name: "COpenVINO"),
        // Part of every system, small and quick to load: linked as it is. See docs/decisions/0013.
        .systemLibrary(name: "CZlib"),
        .target(
            name: "TorchPlugin", cxxSettings: torchSettings + [.headerSearchPath("../CTorch")],
            linkerSettings: linking(["c10", "torch_cpu"], in: libtorch + "/lib")),
        .target(
            name: "MediaPlugin", cSettings: warnings,
            linkerSettings: ["avformat", "avcodec", "avdevice", "avutil", "swscale"].map { .linkedLibrary($0) }),
        .target(
            name: "OpenVINOPlugin",
            cSettings: warnings + [.unsafeFlags(["-isystem", openvino + "/include"])],
            linkerSettings: linking(["openvino_c"], in: openvino + "/lib")),

        library("BantamGraph", ["CZlib", collections]),
        library("BantamONNX", ["BantamGraph", collections, protobuf], excluding: ["Schema/onnx.proto"]),
        library("BantamTensor", ["BantamGraph", "CTorch"]),
        library("BantamMedia", ["BantamGraph", "CMedia"]),
        library("BantamNetwork", ["BantamGraph", "BantamModel", "BantamTensor", collections]),
        library("BantamModel", ["BantamGraph", "BantamONNX"]),
        library(
            "BantamTraining",
            ["BantamNetwork", "BantamMedia", "BantamTensor", "BantamModel", "BantamGraph", collections]),
        // What methods share: the meter of a run, and one layer at a time.
        library("BantamStage", ["BantamTraining", "BantamNetwork", "BantamTensor", "BantamModel", "BantamGraph"]),
        library("BantamLayerwise", ["BantamNetwork", "BantamTensor", "BantamModel", "BantamGraph", collections]),
        // The methods: none imports another.
        library("BantamPruning", methodDependencies),
        library("BantamQuantization", methodDependencies),
        library("BantamDistillation", methodDependencies),
        library("BantamRestructuring", methodDependencies),
        library(
            "BantamPipeline",
            methodDependencies + [
                "BantamPruning", "BantamQuantization", "BantamDistillation", "BantamRestructuring", "BantamEdge",
                "BantamONNX", "BantamReport",
            ]),
        library("BantamReport", ["BantamGraph"]),
        .executableTarget(
            name: "bantam",
            dependencies: [
                "BantamPipeline", "BantamPruning", "BantamQuantization", "BantamDistillation", "BantamRestructuring",
                "BantamStage", "BantamEdge", "BantamGraph", "BantamMedia", "BantamModel", "BantamNetwork",
                "BantamONNX", "BantamReport", "BantamTensor", "BantamTraining", argumentParser, collections,
            ],
            swiftSettings: swiftSettings),
        library("BantamEdge", ["BantamGraph", "BantamModel", "BantamMedia", "BantamONNX", "COpenVINO"]),

        .executableTarget(
            name: "BantamBenchmarks",
            dependencies: [
                "BantamEdge", "BantamGraph", "BantamModel", "BantamNetwork", "BantamONNX", "BantamTensor",
                "BantamTraining",
            ],
            path: "Benchmarks/Sources/BantamBenchmarks", swiftSettings: swiftSettings),

        .executableTarget(
            name: "BantamConformance",
            dependencies: ["BantamGraph", "BantamNetwork", "BantamONNX", "BantamTensor", "BantamTestSupport"],
            path: "Conformance/Sources/BantamConformance", swiftSettings: swiftSettings),

        library("BantamTestSupport", ["BantamGraph"]),
        tests("BantamGraphTests", ["BantamGraph", "BantamTestSupport"]),
        tests("BantamONNXTests", ["BantamONNX", "BantamGraph", "BantamTestSupport"]),
        tests("BantamModelTests", ["BantamModel", "BantamGraph", "BantamTestSupport"]),
        tests("BantamTensorTests", ["BantamTensor", "BantamGraph"]),
        tests(
            "BantamEdgeTests",
            [
                "BantamEdge", "BantamMedia", "BantamModel", "BantamNetwork", "BantamONNX", "BantamGraph",
                "BantamTestSupport",
            ]),
        tests("BantamMediaTests", ["BantamMedia", "BantamGraph"]),
        tests(
            "BantamNetworkTests", ["BantamNetwork", "BantamTensor", "BantamGraph", "BantamTestSupport", collections]),
        tests(
            "BantamTrainingTests",
            ["BantamTraining", "BantamNetwork", "BantamMedia", "BantamTensor", "BantamGraph", "BantamTestSupport"]),
        tests(
            "BantamPipelineTests",
            methodDependencies + [
                "BantamPipeline", "BantamPruning", "BantamQuantization", "BantamDistillation", "BantamRestructuring",
                "BantamEdge", "BantamONNX", "BantamTestSupport",
            ]),
        tests("BantamReportTests", ["BantamReport", "BantamGraph"]),
        // Runs the binary itself, which lies beside the test bundle.
        tests(
            "EndToEndTests",
            [
                "bantam", "BantamPipeline", "BantamPruning", "BantamQuantization", "BantamDistillation",
                "BantamRestructuring", "BantamStage", "BantamModel", "BantamTraining", "BantamReport", "BantamONNX",
                "BantamMedia",
                "BantamNetwork", "BantamGraph", "BantamTestSupport", "BantamEdge", "BantamTensor", collections,
            ]),
    ],
    swiftLanguageModes: [.v6]
)

// swift-tools-version: 6.2
import PackageDescription

// Built by `make fuzz` with the fuzzer and the address sanitizer, which is why it is a package of its own.

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
    // The fuzzer brings `main` along.
    .unsafeFlags(["-parse-as-library"]),
]

func target(_ name: String) -> Target {
    .executableTarget(
        name: name, dependencies: ["FuzzTarget", .product(name: "BantamNetwork", package: "bantam")],
        swiftSettings: swiftSettings)
}

let package = Package(
    name: "fuzzing",
    dependencies: [.package(name: "bantam", path: "..")],
    targets: [
        .target(name: "AllocationMeter", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
        .target(
            name: "FuzzTarget", dependencies: ["AllocationMeter"], swiftSettings: swiftSettings),
        target("FuzzONNX"),
        target("FuzzSafeTensors"),
        target("FuzzPyTorch"),
    ],
    swiftLanguageModes: [.v6]
)

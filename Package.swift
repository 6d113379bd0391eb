// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Statistics by the hundred thousand samples are too slow to test without optimization.
let optimized = settings + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let package = Package(
    name: "changeover",
    products: [.executable(name: "changeover", targets: ["changeover"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams.git", exact: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(name: "CurlTransport", dependencies: ["CCurl"], swiftSettings: settings),
        .target(name: "Workflow", swiftSettings: settings),
        .target(
            name: "Documents", dependencies: ["Workflow", .product(name: "Yams", package: "Yams")],
            swiftSettings: settings),
        .target(name: "Statistics", swiftSettings: optimized),
        .target(
            name: "HealthChecks", dependencies: ["Workflow", "Documents", "CurlTransport", "Statistics"],
            swiftSettings: settings),
        .target(name: "Configuration", dependencies: ["Workflow", "Documents"], swiftSettings: settings),
        .target(name: "Patching", dependencies: ["Workflow"], swiftSettings: settings),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .target(
            name: "AWSClient",
            dependencies: ["CXML2", "Workflow", "CurlTransport", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: settings),
        .target(name: "LXDClient", dependencies: ["Workflow", "CurlTransport"], swiftSettings: settings),
        .target(
            name: "Providers",
            dependencies: [
                "CZlib", "Workflow", "AWSClient", "LXDClient", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings),
        .target(
            name: "Traffic", dependencies: ["Workflow", "AWSClient", "LXDClient", "CurlTransport"],
            swiftSettings: settings),
        .target(
            name: "Journal", dependencies: ["Workflow", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: settings),
        .target(
            name: "Engine", dependencies: ["Workflow", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: settings),
        .target(
            name: "Commands",
            dependencies: [
                "AWSClient", "Configuration", "CurlTransport", "Documents", "Engine", "HealthChecks", "Journal",
                "LXDClient", "Patching", "Providers", "Simulation", "Traffic", "Workflow",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),
        .target(name: "Simulation", dependencies: ["Workflow", "Engine", "Providers"], swiftSettings: settings),
        .executableTarget(
            name: "simulate",
            dependencies: ["Simulation", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: settings),
        .executableTarget(name: "changeover", dependencies: ["Commands"], swiftSettings: settings),
        .executableTarget(
            name: "describe-decode", dependencies: ["AWSClient"], path: "Benchmarks/DescribeDecode",
            swiftSettings: settings),
        .target(name: "TestSupport", dependencies: ["Workflow", "Providers"], swiftSettings: settings),
        .testTarget(
            name: "AWSClientTests", dependencies: ["AWSClient", "CurlTransport", "Workflow", "TestSupport"],
            exclude: ["Support/oracle.py", "Support/server.py", "Support/situations.py"], swiftSettings: settings),
        .testTarget(
            name: "CurlTransportTests", dependencies: ["CurlTransport"],
            exclude: ["Support/server.py", "Support/websocket_server.py"],
            swiftSettings: settings,
            // Lets a double stand in for the C library's name lookup, so that cancelling in the resolver can be tested.
            linkerSettings: [.unsafeFlags(["-Xlinker", "--export-dynamic-symbol=getaddrinfo"])]),
        .testTarget(name: "DocumentsTests", dependencies: ["Documents", "Workflow"], swiftSettings: settings),
        .testTarget(
            name: "HealthChecksTests",
            dependencies: [
                "HealthChecks", "Documents", "Workflow", "CurlTransport", "Patching", "Providers", "Statistics",
                "TestSupport",
            ],
            exclude: ["Corpus", "Servers/servers.py", "Support/plugin_oracle.py", "Support/schema_oracle.py"],
            swiftSettings: settings),
        .testTarget(
            name: "JournalTests",
            dependencies: ["Journal", "Workflow", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: settings),
        .testTarget(
            name: "LXDClientTests", dependencies: ["LXDClient", "CurlTransport", "Workflow", "TestSupport"],
            exclude: ["Support/server.py"],
            swiftSettings: settings),
        .testTarget(name: "PatchingTests", dependencies: ["Patching", "Workflow"], swiftSettings: settings),
        .testTarget(
            name: "ProvidersTests",
            dependencies: [
                "Providers", "Patching", "Workflow", "AWSClient", "LXDClient", "CurlTransport", "TestSupport",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "TrafficTests",
            dependencies: ["Traffic", "Workflow", "AWSClient", "LXDClient", "CurlTransport", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "EndToEndTests", dependencies: ["changeover", "TestSupport", "Providers", "Workflow"],
            exclude: ["LXD/relay.py", "Support/store-faults.c", "Support/moto"],
            swiftSettings: settings),
        .testTarget(
            name: "CommandsTests",
            dependencies: ["changeover", "Commands", "Providers", "Simulation", "TestSupport", "Workflow"],
            swiftSettings: settings),
        .testTarget(name: "EngineTests", dependencies: ["Engine", "Workflow", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "SimulationTests", dependencies: ["simulate", "Simulation", "Engine", "Providers", "Workflow"],
            swiftSettings: settings),
        .testTarget(
            name: "StatisticsTests", dependencies: ["Statistics"], exclude: ["oracle.py"], swiftSettings: optimized),
        .testTarget(name: "TidyTests", swiftSettings: settings),
        .testTarget(
            name: "WorkflowTests", dependencies: ["Workflow", "TestSupport"], exclude: ["Golden"],
            swiftSettings: settings),
    ]
)

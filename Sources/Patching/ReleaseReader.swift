import Workflow

/// Reads a release from os-release(5), and knows until when the common ones get updates.
struct ReleaseReader {
    private var values: [Substring: String] = [:]

    /// Reads lines such as `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"`.
    init(lines: [Substring]) {
        for line in lines {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let value = line[line.index(after: equals)...].filter { $0 != "\"" && $0 != "'" }
            values[line[..<equals]] = value
        }
    }

    /// The release; `nil` when the machine does not say what it is.
    var release: MachineRelease? {
        guard let id = values["ID"] else { return nil }
        let version = values["VERSION_ID"] ?? ""
        let name = values["PRETTY_NAME"] ?? "\(id) \(version)"
        // os-release(5): SUPPORT_END is written `2028-06-30`.
        return MachineRelease(name: name, supportEnds: values["SUPPORT_END"] ?? Self.end(of: id, version))
    }

    private static func end(of id: String, _ version: String) -> String? {
        let major = String(version.prefix { $0 != "." })
        return ends[id]?[version] ?? ends[id]?[major]
    }

    /// The last day of updates that need no further subscription.
    ///
    /// Debian with LTS and Ubuntu's standard support: distro-info-data of 2026. Others: their life-cycle pages
    /// (access.redhat.com/support/policy/updates/errata, wiki.almalinux.org/release-notes, wiki.rockylinux.org/rocky/version,
    /// centos.org/cl-vs-cs, aws.amazon.com/amazon-linux-2/faqs).
    private static let ends: [String: [String: String]] = [
        "debian": [
            "8": "2020-06-30", "9": "2022-06-30", "10": "2024-06-30", "11": "2026-08-31", "12": "2028-06-30",
            "13": "2030-06-30",
        ],
        "ubuntu": [
            "16.04": "2021-04-30", "18.04": "2023-05-31", "20.04": "2025-05-29", "22.04": "2027-06-01",
            "23.10": "2024-07-11", "24.04": "2029-05-31", "24.10": "2025-07-10", "25.04": "2026-01-15",
            "25.10": "2026-07-09", "26.04": "2031-05-29",
        ],
        "rhel": ["7": "2024-06-30", "8": "2029-05-31", "9": "2032-05-31", "10": "2035-05-31"],
        "almalinux": ["8": "2029-03-01", "9": "2032-05-31", "10": "2035-05-31"],
        "rocky": ["8": "2029-05-31", "9": "2032-05-31", "10": "2035-05-31"],
        "centos": ["7": "2024-06-30", "8": "2024-05-31", "9": "2027-05-31"],
        "amzn": ["2": "2026-06-30"],
    ]
}

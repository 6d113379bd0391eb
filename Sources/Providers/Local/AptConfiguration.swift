import Foundation

/// Tells apt and dpkg to work on an instance's root as an ordinary user.
///
/// The settings are those of apt.conf(5); dpkg runs maintainer scripts without chroot, with `DPKG_ROOT` set.
struct AptConfiguration {
    /// The dpkg root.
    var root: String
    /// The repository's folder; `nil` for none.
    var repository: String?
    /// The repository's suites.
    var suites: [String]
    /// The suites' components.
    var components: [String]

    /// Folders that apt expects in the root.
    static let folders = [
        "etc/apt/apt.conf.d", "etc/apt/preferences.d", "etc/apt/sources.list.d", "etc/apt/trusted.gpg.d",
        "var/lib/apt/lists/partial", "var/cache/apt/archives/partial", "var/log/apt", "run", "tmp",
    ]

    /// The text of the file that `APT_CONFIG` names.
    var configuration: String {
        """
        Dir "\(root)/";
        Dir::State "\(root)/var/lib/apt/";
        Dir::State::status "\(root)/var/lib/dpkg/status";
        Dir::Cache "\(root)/var/cache/apt/";
        Dir::Etc "\(root)/etc/apt/";
        Dir::Log "\(root)/var/log/apt/";
        Dir::Bin::dpkg "dpkg";
        DPkg::Options { "--root=\(root)"; "--force-not-root"; "--force-script-chrootless";
            "--log=\(root)/var/log/dpkg.log"; };
        DPkg::Path "\(ProgramSearch.standardPath)";
        DPkg::Use-Pty "false";
        APT::Sandbox::User "";
        Debug::NoLocking "true";
        Acquire::Languages "none";

        """
    }

    /// The text of the repository's deb822 source, or `nil` without a repository.
    ///
    /// The repository is unsigned: it is a folder of this machine.
    var source: String? {
        guard let repository else { return nil }
        let path = repository.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? repository
        return """
            Types: deb
            URIs: file:\(path)
            Suites: \(suites.joined(separator: " "))
            Components: \(components.joined(separator: " "))
            Trusted: yes

            """
    }

    /// Writes both files, and the folders that apt expects, into `draft`, the root before it gets its final path.
    func write(root draft: String, to path: String) throws(SystemFailure) {
        for folder in Self.folders { try DurableFile.createFolder("\(draft)/\(folder)") }
        try DurableFile.write(Data(configuration.utf8), to: path)
        if let source {
            try DurableFile.write(Data(source.utf8), to: "\(draft)/etc/apt/sources.list.d/local.sources")
        }
    }
}

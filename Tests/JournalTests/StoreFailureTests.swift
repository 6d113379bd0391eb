import Foundation
import Testing
import Workflow

@testable import Journal

@Suite struct StoreFailureTests {
    let folder: ScratchFolder
    let clock = SetClock()

    init() throws {
        folder = try ScratchFolder()
    }

    private func openingError(_ path: String) async -> JournalError? {
        await thrown { await (try SQLiteJournal(path: path, clock: clock)).close() }
    }

    @Test func foldersAreCreatedAndWrongPlacesRefused() async throws {
        #expect(await openingError(folder.path + "/a/b/store.sqlite") == nil)
        try Data().write(to: URL(fileURLWithPath: folder.path + "/file"))
        #expect(await openingError(folder.path + "/file/store.sqlite")?.code == .cannotOpen)
        #expect(await openingError(folder.path)?.code == .cannotOpen)
    }

    @Test func damageIsTold() async throws {
        try Data(repeating: 7, count: 9000).write(to: URL(fileURLWithPath: folder.store))
        #expect(await openingError(folder.store)?.code == .corrupt)
        let reader = SQLiteJournalReader(path: folder.store, clock: clock)
        #expect(await thrown { _ = try await reader.swaps(liveOnly: true) }?.code == .corrupt)
    }

    @Test func damagedPagesAreTold() async throws {
        let journal = try await SQLiteJournal(path: folder.store, clock: clock)
        _ = try await Sample.create(journal)
        await journal.close()
        _ = try python(
            "import sys,os\nf=open(sys.argv[1],'r+b');n=os.path.getsize(sys.argv[1]);f.seek(4096);"
                + "f.write(b'\\xff'*(n-4096))", folder.store)
        let error = await thrown {
            let journal = try await SQLiteJournal(path: folder.store, clock: clock)
            defer { Task { await journal.close() } }
            _ = try await journal.swaps(liveOnly: false)
        }
        #expect(error?.code == .corrupt)
    }

    @Test func otherProgramsDatabaseIsLeftAlone() async throws {
        _ = try python("import sqlite3,sys\nsqlite3.connect(sys.argv[1]).execute('create table t(x)')", folder.store)
        let before = try picture(of: folder.path)
        #expect(await openingError(folder.store)?.code == .corrupt)
        #expect(try picture(of: folder.path) == before)
    }

    @Test func newerSchemaIsRefused() async throws {
        await (try SQLiteJournal(path: folder.store, clock: clock)).close()
        _ = try python(
            "import sqlite3,sys\nc=sqlite3.connect(sys.argv[1],isolation_level=None)\n"
                + "c.execute(\"insert into grdb_migrations values('99-future')\")", folder.store)
        let error = await openingError(folder.store)
        #expect(error?.code == .corrupt)
        #expect(error?.detail.contains("newer version") == true)
        let reader = SQLiteJournalReader(path: folder.store, clock: clock)
        #expect(await thrown { _ = try await reader.swaps(liveOnly: true) }?.code == .corrupt)
    }

    @Test(.enabled(if: getuid() == 0, "mounting a small file system needs root"))
    func fullDiskIsToldAndNothingIsLost() async throws {
        try run("/bin/mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.path])
        defer { _ = try? run("/bin/umount", [folder.path]) }
        let journal = try await SQLiteJournal(path: folder.store, clock: clock)
        let lease = try await Sample.create(journal)
        var sequence = 1
        let filler = String(repeating: "x", count: 20_000)
        var error: JournalError?
        while error == nil, sequence < 500 {
            let next = sequence + 1
            error = await thrown {
                try await journal.append(
                    Sample.entry(next, filler: filler), expectedSequence: next, under: lease)
            }
            if error == nil { sequence = next }
        }
        #expect(error?.code == .diskFull)
        #expect(try await journal.records(of: lease.swap, after: 0).count == sequence)
        await journal.close()
    }

    @Test(.enabled(if: getuid() == 0, "mounting read-only needs root, and root ignores permissions"))
    func readOnlyPlacesAreTold() async throws {
        await (try SQLiteJournal(path: folder.store, clock: clock)).close()
        try run("/bin/mount", ["--bind", folder.path, folder.path])
        defer { _ = try? run("/bin/umount", [folder.path]) }
        try run("/bin/mount", ["-o", "remount,ro,bind", folder.path])
        #expect(await openingError(folder.store)?.code == .readOnly)
        #expect(await openingError(folder.path + "/new.sqlite")?.code == .readOnly)
        let reader = SQLiteJournalReader(path: folder.store, clock: clock)
        #expect(try await reader.swaps(liveOnly: false).isEmpty)
        await reader.close()
    }

    @Test func remoteFileSystemsAreKnownByName() {
        let table = MountTable(
            """
            21 1 8:1 / / rw,relatime - ext4 /dev/vda rw
            30 21 0:40 / /mnt/with\\040space rw shared:5 - nfs4 host:/x rw
            31 30 0:41 / /mnt/with\\040space/local rw - tmpfs tmpfs rw
            nonsense
            """)
        #expect(table.kind(ofFolder: "/mnt/with space/deep") == "nfs4")
        #expect(table.kind(ofFolder: "/mnt/with space/local/a") == "tmpfs")
        #expect(table.kind(ofFolder: "/mnt/with spaceship") == "ext4")
        for kind in ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "fuse", "ceph"] {
            #expect(MountTable.isRemote(kind))
        }
        for kind in ["ext4", "xfs", "btrfs", "tmpfs", "overlay", "fuse.fuse-overlayfs", "zfs"] {
            #expect(!MountTable.isRemote(kind))
        }
    }
}

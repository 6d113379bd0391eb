// Makes one process fail at one write of its journal; loaded with LD_PRELOAD by the crash tests and by nothing else.
//
// What is counted are journal writes: all that is written to the store's files up to the sync that makes it durable,
// which is one transaction of SQLite, or one step of its opening or closing the store. The index (`-shm`) is rebuilt
// from the log after a crash, so writes to it are none.
//
//   STORE_FAULT          before    ends the process by SIGKILL before the first byte of a journal write
//                        torn      writes half of its first block, then ends the process
//                        unsynced  writes all of it, and ends the process instead of syncing
//                        after     ends the process as soon as it is synced
//                        eio       a write fails with EIO
//                        enospc    half of a write is done and the rest fails with ENOSPC, as on a disk that is full
//                        sync-eio  the sync fails with EIO
//                        none      only counts
//   STORE_FAULT_AT       the number of the journal write, from 1
//   STORE_FAULT_WRITES   how many journal writes fail from there on; 0, which is the default, is all of them
//   STORE_FAULT_REPORT   a file to which a line is written when a fault strikes, and the count at the end
//
// The library takes itself and its settings out of the environment, so that no child of the process has them. System
// calls are made directly: nothing here depends on the order in which libraries are searched.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum fault { NONE, BEFORE, TORN, UNSYNCED, AFTER, WRITE_EIO, WRITE_ENOSPC, SYNC_EIO };
static const char *const fault_names[] = {"none", "before", "torn", "unsynced", "after", "eio", "enospc", "sync-eio"};

enum file { OTHER, DATABASE, LOG, ROLLBACK_JOURNAL, INDEX };
static const char *const file_names[] = {"", "journal.sqlite", "journal.sqlite-wal", "journal.sqlite-journal",
                                         "journal.sqlite-shm"};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static enum fault fault = NONE;
static long fault_at = LONG_MAX;
static long fault_end = LONG_MAX; // the first journal write that succeeds again
static char report_path[PATH_MAX];
static long journal_writes;   // how many have begun
static bool is_writing;       // whether one has begun that is not synced yet
static bool has_cut;          // whether the present write was cut short, so that its rest must fail
static pid_t loaded_in;

static void report(const char *what, enum file file) {
    int saved = errno;
    int descriptor = open(report_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (descriptor >= 0) {
        char line[128];
        int length = snprintf(line, sizeof line, "%s %ld %s\n", what, journal_writes, file_names[file]);
        syscall(SYS_write, descriptor, line, (size_t)length);
        close(descriptor);
    }
    errno = saved;
}

static void take_from_environment(const char *name, char *value, size_t size) {
    const char *found = getenv(name);
    snprintf(value, size, "%s", found ? found : "");
    unsetenv(name);
}

__attribute__((constructor)) static void load(void) {
    char text[32];
    take_from_environment("STORE_FAULT", text, sizeof text);
    for (size_t i = 0; i < sizeof fault_names / sizeof *fault_names; i++)
        if (strcmp(text, fault_names[i]) == 0) fault = (enum fault)i;
    take_from_environment("STORE_FAULT_AT", text, sizeof text);
    if (*text) fault_at = atol(text);
    take_from_environment("STORE_FAULT_WRITES", text, sizeof text);
    if (atol(text) > 0) fault_end = fault_at + atol(text);
    take_from_environment("STORE_FAULT_REPORT", report_path, sizeof report_path);
    unsetenv("LD_PRELOAD");
    loaded_in = getpid();
}

// Not in a child between fork and exec that ends without exec.
__attribute__((destructor)) static void unload(void) {
    if (getpid() == loaded_in) report("count", OTHER);
}

static void end_process(enum file file) {
    report(fault_names[fault], file);
    for (;;) {
        kill(getpid(), SIGKILL);
        pause();
    }
}

static bool is_due(void) { return journal_writes >= fault_at && journal_writes < fault_end; }

// Which file of the store a descriptor is of, looked up each time: descriptors come and go.
static enum file file_of(int descriptor) {
    char link[64], path[PATH_MAX];
    int saved = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = saved;
    if (length <= 0) return OTHER;
    path[length] = 0;
    const char *name = strrchr(path, '/');
    if (!name) return OTHER;
    for (enum file file = DATABASE; file <= INDEX; file++)
        if (strcmp(name + 1, file_names[file]) == 0) return file;
    return OTHER;
}

// Fails a write; what comes next is another journal write, since this one will never be synced.
static ssize_t fail_write(int number, enum file file) {
    report(fault_names[fault], file);
    is_writing = has_cut = false;
    errno = number;
    return -1;
}

static ssize_t faulty_write(enum file file, int descriptor, const void *bytes, size_t size, off64_t offset) {
    if (file != INDEX && !is_writing) {
        is_writing = true;
        journal_writes++;
        if (is_due() && fault == BEFORE) end_process(file);
        if (is_due() && fault == TORN) {
            syscall(SYS_pwrite64, descriptor, bytes, size / 2, offset);
            end_process(file);
        }
    }
    if (is_due() && fault == WRITE_EIO && file != INDEX) return fail_write(EIO, file);
    if (is_due() && fault == WRITE_ENOSPC) {
        // The index grows by a byte at the end of a page.
        if (has_cut || size < 2) return fail_write(ENOSPC, file);
        has_cut = true;
        size /= 2;
    }
    return syscall(SYS_pwrite64, descriptor, bytes, size, offset);
}

static ssize_t any_pwrite(int descriptor, const void *bytes, size_t size, off64_t offset) {
    enum file file = file_of(descriptor);
    if (file == OTHER) return syscall(SYS_pwrite64, descriptor, bytes, size, offset);
    pthread_mutex_lock(&lock);
    ssize_t result = faulty_write(file, descriptor, bytes, size, offset);
    pthread_mutex_unlock(&lock);
    return result;
}

static int any_sync(long call, int descriptor) {
    enum file file = file_of(descriptor);
    if (file == OTHER) return (int)syscall(call, descriptor);
    pthread_mutex_lock(&lock);
    int result;
    if (is_writing && is_due() && fault == UNSYNCED) end_process(file);
    if (is_writing && is_due() && fault == SYNC_EIO) {
        report(fault_names[fault], file);
        errno = EIO;
        result = -1;
    } else {
        result = (int)syscall(call, descriptor);
        if (is_writing && is_due() && fault == AFTER) end_process(file);
    }
    is_writing = false;
    pthread_mutex_unlock(&lock);
    return result;
}

// SQLite writes with pwrite64 and syncs with fdatasync here; builds of other systems use the other names.
ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off64_t offset) {
    return any_pwrite(descriptor, bytes, size, offset);
}
ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset) {
    return any_pwrite(descriptor, bytes, size, offset);
}
int fdatasync(int descriptor) { return any_sync(SYS_fdatasync, descriptor); }
int fsync(int descriptor) { return any_sync(SYS_fsync, descriptor); }

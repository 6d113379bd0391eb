#!/usr/bin/env python3
"""The parts of scripts/planted-bugs that the shell is no good at.

    planted-bugs.py check [NAME...]                     fails when one of these bugs does not exist
    planted-bugs.py plant FOLDER                        writes a package with all bugs, each behind a switch
    planted-bugs.py run PROGRAM SEEDS JOBS [NAME...]    runs the bugs, prints a table, fails when one is not found

A file Tests/PlantedBugs/NAME.bug:

    One sentence that says what is wrong.
    invariants: 4, 10
    --- original Sources/Workflow/Swap/Itinerary.swift
    statements that occur once in that file, in whatever lines
    --- planted
    statements that run in their place when the bug is switched on

There may be several pairs. Where the planted text has the word BUG, it stands in the original's place in any case, with
a Boolean in place of BUG: `guard BUG || isOpen else {`.
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import time

FOLDER = "Tests/PlantedBugs"
VARIABLE = "CHANGEOVER_PLANTED_BUG"
CLEAN_SEEDS = 300
TARGETS = ["Workflow", "Engine", "Providers", "Simulation", "simulate"]
# What the simulator does not need, and what needs libraries and other targets.
LEFT_OUT = [os.path.join("Sources", "Providers", name) for name in ("EC2", "FirstBoot", "LXD", "SSH")]

SWITCH = """import Foundation

/// Which bug is switched on in this process.
public enum PlantedBug {
    private static let present = ProcessInfo.processInfo.environment["%s"] ?? ""

    /// Whether a bug is switched on.
    public static func isOn(_ name: String) -> Bool { present == name }
}
""" % VARIABLE

# Stands in for swift-crypto, which takes minutes to compile: a plan's digest is the only thing that is hashed here.
HASH = """public import Foundation

/// A number of 256 bits that depends on every byte; not safe against anybody who looks for collisions.
public enum SHA256 {
    /// Hashes data.
    public static func hash(data: Data) -> [UInt8] {
        var lanes: [UInt64] = [0xCBF2_9CE4_8422_2325, 0x9E37_79B9_7F4A_7C15, 0xBF58_476D_1CE4_E5B9, 0x94D0_49BB_1331_11EB]
        for byte in data {
            for index in lanes.indices { lanes[index] = (lanes[index] ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        return lanes.flatMap { lane in (0..<8).map { UInt8(truncatingIfNeeded: lane >> ($0 * 8)) } }
    }
}
"""

# Appended to the real manifest: leaves only what the simulator needs.
TRIM = """

package.targets.append(.target(name: "Crypto"))
for target in package.targets {
    target.swiftSettings = settings.filter { !"\\($0)".contains("treatAllWarnings") }
    target.dependencies = target.dependencies.map { dependency in
        if case .productItem("Crypto", _, _, _) = dependency { return "Crypto" }
        return dependency
    }
}
let wanted: Set<String> = %s
package.targets.removeAll { !wanted.contains($0.name) }
for target in package.targets {
    target.dependencies.removeAll { dependency in
        switch dependency {
        case .byNameItem(let name, _), .targetItem(let name, _): return !wanted.contains(name)
        default: return false
        }
    }
}
package.products.removeAll()
package.dependencies.removeAll { dependency in
    if case .sourceControl(_, let location, _) = dependency.kind { return !location.contains("swift-argument-parser") }
    return true
}
"""


class Problem(Exception):
    pass


class Bug:
    def __init__(self, path):
        self.name = os.path.basename(path)[: -len(".bug")]
        with open(path) as file:
            head, *blocks = re.split(r"^--- ", file.read(), flags=re.MULTILINE)
        lines = [line.strip() for line in head.strip().splitlines()]
        found = [line.partition(":")[2] for line in lines if line.startswith("invariants:")]
        self.sentence = " ".join(line for line in lines if not line.startswith("invariants:"))
        if len(found) != 1 or not self.sentence or len(blocks) < 2 or len(blocks) % 2:
            raise Problem("%s: not of the form that scripts/planted-bugs.py describes" % path)
        self.invariants = [int(number) for number in found[0].split(",")]
        self.spots = []
        for original, planted in zip(blocks[::2], blocks[1::2]):
            title, _, before = original.partition("\n")
            word, _, after = planted.partition("\n")
            if not title.startswith("original ") or word.strip() != "planted" or not before.strip():
                raise Problem("%s: not of the form that scripts/planted-bugs.py describes" % path)
            self.spots.append((title.split()[1], before.strip(), after.strip()))


def bugs(names=()):
    found = sorted(name for name in os.listdir(FOLDER) if name.endswith(".bug"))
    unknown = [name for name in names if name + ".bug" not in found]
    if unknown:
        raise Problem("there is no bug %s in %s" % (", ".join(unknown), FOLDER))
    return [Bug(os.path.join(FOLDER, name)) for name in found if not names or name[: -len(".bug")] in names]


def pattern(text):
    """Finds a text however its lines are broken and indented."""
    return re.compile(r"\s+".join(re.escape(word) for word in text.split()))


def switched(bug, original, planted):
    switch = 'PlantedBug.isOn("%s")' % bug.name
    if re.search(r"\bBUG\b", planted):
        return re.sub(r"\bBUG\b", switch, planted)
    return "if %s {\n%s\n} else {\n%s\n}" % (switch, planted, original)


def planted_sources(sources):
    for bug in bugs():
        for path, original, planted in bug.spots:
            if path not in sources:
                raise Problem("%s: there is no %s; adapt the bug" % (bug.name, path))
            text = sources[path]
            places = list(pattern(original).finditer(text))
            if len(places) != 1:
                raise Problem(
                    "%s: its original text occurs %d times in %s, not once (bugs with earlier names are planted "
                    "already); adapt the bug:\n%s" % (bug.name, len(places), path, original))
            place = places[0]
            text = text[: place.start()] + switched(bug, place.group(), planted) + text[place.end():]
            if not path.startswith("Sources/Workflow/") and not re.search(r"^(public )?import Workflow$", text, re.M):
                text = "import Workflow\n" + text
            sources[path] = text
    return sources


def plant(folder):
    sources = {}
    for target in TARGETS:
        for place, _, names in os.walk(os.path.join("Sources", target)):
            if any(place == left or place.startswith(left + os.sep) for left in LEFT_OUT):
                continue
            for name in names:
                if name.endswith(".swift"):
                    path = os.path.join(place, name)
                    with open(path) as file:
                        sources[path] = file.read()
    sources = planted_sources(sources)
    sources["Sources/Workflow/PlantedBug.swift"] = SWITCH
    sources["Sources/Crypto/SHA256.swift"] = HASH
    with open("Package.swift") as file:
        wanted = json.dumps(TARGETS + ["Crypto"])
        sources["Package.swift"] = file.read() + TRIM % wanted
    for place, _, names in os.walk(os.path.join(folder, "Sources")):
        for name in names:
            if os.path.relpath(os.path.join(place, name), folder) not in sources:
                os.unlink(os.path.join(place, name))
    for path, text in sources.items():
        write_if_changed(os.path.join(folder, path), text)


def write_if_changed(path, text):
    """Leaves a file that is right as it is, so that only what has changed is compiled again."""
    if os.path.exists(path):
        with open(path) as file:
            if file.read() == text:
                return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def simulate(program, bug, seeds, first=1):
    """The first violation of some seeds, or None."""
    variables = {name: value for name, value in os.environ.items() if name != VARIABLE}
    if bug:
        variables[VARIABLE] = bug.name
    run = subprocess.run(
        [program, "--seed", str(first), "--seeds", str(seeds), "--jobs", "1", "--until-violation", "--output", "json"],
        env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if run.returncode not in (0, 1):
        raise Problem("%s: the simulator failed:\n%s" % (bug.name if bug else "without a bug", run.stderr.strip()))
    violations = json.loads(run.stdout)["violations"]
    return violations[0] if violations else None


def hunt(program, bug, seeds):
    """The first seed with a violation that is green without the bug, and the seeds that are not."""
    first, broken = 1, []
    while first <= seeds:
        found = simulate(program, bug, seeds - first + 1, first)
        if not found or not simulate(program, None, 1, found["seed"]):
            return found, broken
        broken.append(found["seed"])
        first = found["seed"] + 1
    return None, broken


def run(program, seeds, jobs, *names):
    wanted = bugs(names)
    started = time.monotonic()
    clean = simulate(program, None, CLEAN_SEEDS)
    if clean:
        raise Problem("without any bug, seed %d breaks invariant %d: %s" % (
            clean["seed"], clean["invariant"], clean["detail"]))
    print("Without a bug the first %d seeds are green.\n" % CLEAN_SEEDS)
    width = max(len(bug.name) for bug in wanted)
    print("%-*s  %5s  %9s  %s" % (width, "bug", "seeds", "invariant", "what is wrong"), flush=True)
    missed, broken = [], set()
    with concurrent.futures.ThreadPoolExecutor(int(jobs)) as pool:
        results = pool.map(lambda bug: hunt(program, bug, int(seeds)), wanted)
        for bug, (found, unclean) in zip(wanted, results):
            broken.update(unclean)
            if not found:
                missed.append(bug)
            invariant = "%d" % found["invariant"] if found else "none"
            if found and found["invariant"] not in bug.invariants:
                invariant += " (not %s)" % " or ".join(map(str, bug.invariants))
            print("%-*s  %5s  %9s  %s" % (
                width, bug.name, found["seed"] if found else "-", invariant, bug.sentence), flush=True)
    print("\n%d of %d planted bugs were found, in %d s." % (
        len(wanted) - len(missed), len(wanted), time.monotonic() - started))
    if broken:
        sys.exit("Without any bug these seeds break an invariant, too: %s" % ", ".join(map(str, sorted(broken))))
    if missed:
        sys.exit("Not found within %s seeds: %s" % (seeds, ", ".join(bug.name for bug in missed)))


def main():
    commands = {"check": lambda *names: bugs(names), "plant": plant, "run": run}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    try:
        commands[sys.argv[1]](*sys.argv[2:])
    except (Problem, OSError) as problem:
        sys.exit("planted-bugs: %s" % problem)


main()

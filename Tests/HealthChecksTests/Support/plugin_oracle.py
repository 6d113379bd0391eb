"""What other parties make of ranges, performance data and reports, one JSON document per line.

plugin_oracle.py ranges SEED COUNT      random ranges, valid and not, and what python3-nagiosplugin says of values
plugin_oracle.py perfdata SEED COUNT    random lines of performance data that nagiosplugin writes, and what is in them
plugin_oracle.py junit                  what junitparser reads in the document on standard input
"""

import json
import math
import random
import re
import sys

ALPHABET = "@~:0123456789.-+eE_ ,x\t:@~00"
UNITS = ["", "s", "us", "ms", "%", "B", "KB", "MB", "GB", "TB", "c", "kB", "EB", "e", "W", "°C", "m/s", "packets"]
LABEL = list("abcXYZ019_/.-:;,|#\\\"@~%$&*() \u00e9\u00df\u65e5\U0001f980") + ["\u0301"]


def number(choose):
    shape = choose.random()
    if shape < 0.4:
        return str(choose.randint(-30, 30))
    if shape < 0.7:
        return "%.*f" % (choose.randint(1, 4), choose.uniform(-50, 50))
    if shape < 0.8:
        return choose.choice(["-0", "0", "00", "007", "-0.0", "0.10", "1000000000000000", "0.000001"])
    if shape < 0.9:
        return str(choose.randint(-10**14, 10**14))
    return choose.choice([".5", "5.", "+5", "1e3", "1.0e3", "1_0", " 5", "5 ", "\u0663", "inf", "nan", "1,5", "0x10",
                          "--5", "", "9" * 400, "~", "-", ".", "5%", "10ms"])


def spec(choose):
    shape = choose.random()
    if shape < 0.06:
        return "".join(choose.choice(ALPHABET) for _ in range(choose.randint(0, 7)))
    start = choose.choice(["", "~", number(choose), number(choose), number(choose)])
    body = choose.choice([number(choose), start + ":" + number(choose), start + ":" + number(choose), start + ":"])
    if shape < 0.12 and body:
        place = choose.randrange(len(body))
        body = body[:place] + choose.choice(ALPHABET) + body[place + choose.randint(0, 1):]
    return choose.choice(["", "", "@"]) + body


def deliberate(text):
    """Why Changeover refuses a range although nagiosplugin reads it, or None; read off the guidelines, not off the code."""
    atoms = (text[1:] if text.startswith("@") else text).split(":")
    if all(atom == "" for atom in atoms):
        return "no end at all, which the guidelines call invalid"
    for atom in atoms:
        if atom in ("", "~"):
            continue
        if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", atom, re.ASCII):
            return "a number as only Python writes it"
        if math.isinf(float(atom)):
            return "a number beyond all floating-point numbers"
    return None


def values(choose, limits):
    ends = [float(end) for end in (limits.start, limits.end) if not math.isinf(float(end))] if limits else []
    chosen = [choose.uniform(-60, 60), float(choose.randint(-30, 30)), 0.0]
    for end in ends:
        chosen += [end, math.nextafter(end, math.inf), math.nextafter(end, -math.inf)]
    return [value for value in chosen if math.isfinite(value)]


def read(text):
    import nagiosplugin
    try:
        limits = nagiosplugin.Range(text)
        float(limits.start), float(limits.end)
        return limits
    except ValueError:
        return None
    except OverflowError:  # an int that is no float: read, but of no use
        return limits


def ranges(choose, count):
    for _ in range(count):
        text = spec(choose)
        limits = read(text)
        reason = deliberate(text) if limits is not None else None
        cases = [] if reason else [{"value": value, "alerts": not limits.match(value) if limits else None}
                                   for value in values(choose, limits)]
        yield {"text": text, "isValid": limits is not None, "deliberate": reason, "cases": cases}


def threshold(choose):
    """A range that nagiosplugin writes in a form that it can read again."""
    import nagiosplugin
    while True:
        text = spec(choose)
        limits = read(text)
        if choose.random() < 0.4:
            return ""
        if limits is None or deliberate(text):
            continue
        text = str(limits)
        if text == "" or (read(text) is not None and deliberate(text) is None):
            return limits


def amount(choose):
    return choose.choice([choose.randint(-1000, 10**9), choose.uniform(-1, 1), choose.uniform(-1e6, 1e6),
                          choose.uniform(0, 1) * 10.0 ** choose.randint(-300, 300), 0, -0.0])


def label(choose):
    while True:
        text = "".join(choose.choice(LABEL) for _ in range(choose.randint(1, 12)))
        if text.strip() == text:
            return text


def perfdata(choose, count):
    from nagiosplugin import Performance
    for _ in range(count):
        labels = sorted({label(choose) for _ in range(choose.randint(1, 6))})
        choose.shuffle(labels)
        entries, texts = [], []
        for name in labels:
            value = choose.choice(["U", amount(choose), amount(choose), amount(choose)])
            unit = "" if value == "U" else choose.choice(UNITS)
            warning, critical = threshold(choose), threshold(choose)
            least, most = (choose.choice(["", amount(choose)]) for _ in range(2))
            texts.append(str(Performance(name, value, unit, warning, critical, least, most)))
            entries.append({"label": name, "value": None if value == "U" else value, "unit": unit,
                            "warning": str(warning), "critical": str(critical),
                            "minimum": None if least == "" else least, "maximum": None if most == "" else most})
        yield {"line": " ".join(texts), "entries": entries}


def junit():
    from junitparser import Error, Failure, JUnitXml, Skipped
    suites = JUnitXml.fromstring(sys.stdin.buffer.read())
    names = {Error: "error", Failure: "failure", Skipped: "skipped"}
    for suite in suites:
        cases = [{"name": case.name, "outcomes": [names[type(one)] for one in case.result],
                  "messages": [one.message for one in case.result], "time": case.time} for case in suite]
        yield {"name": suite.name, "tests": suite.tests, "failures": suite.failures, "errors": suite.errors,
               "skipped": suite.skipped, "timestamp": suite.timestamp, "cases": cases}


def main():
    kind = sys.argv[1]
    if kind == "junit":
        documents = junit()
    else:
        choose = random.Random(int(sys.argv[2]))
        documents = {"ranges": ranges, "perfdata": perfdata}[kind](choose, int(sys.argv[3]))
    for document in documents:
        print(json.dumps(document))


try:
    main()
except ImportError as problem:
    sys.exit(f"plugin_oracle.py: {problem}: run scripts/setup test")

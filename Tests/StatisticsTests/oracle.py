"""What SciPy and NumPy make of random samples and tables, one JSON document per line.

oracle.py ranks SEED COUNT     pairs of samples: U, p-values of mannwhitneyu (exact, asymptotic, permutation), quantiles
oracle.py tables SEED COUNT    tables of 2 x 2 counts up to a million: p-values of fisher_exact
"""

import json
import math
import random
import sys

try:
    import numpy
    from scipy import stats
except ImportError:
    sys.exit("oracle.py: numpy and scipy are needed: run scripts/setup test")

ALTERNATIVES = {"twoSided": "two-sided", "greater": "greater", "less": "less"}
LEVELS = [0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1]
MOST_PAIRS_EXACT = 2500
MOST_PERMUTATIONS = 1000


def size(choose, kind):
    return {"tiny": choose.randint(1, 7), "small": choose.randint(2, 40), "large": choose.randint(60, 800)}[kind]


def sample(choose, shape, count, shift):
    draw = {
        "normal": lambda: choose.gauss(100, 20) + 20 * shift,
        "lognormal": lambda: math.exp(choose.gauss(0, 0.5)) * (1 + shift),
        "pareto": lambda: choose.paretovariate(0.8) * (1 + shift),
        "cauchy": lambda: math.tan(math.pi * (choose.random() - 0.5)) + shift,
        "mixture": lambda: math.exp(choose.gauss(0, 0.3)) * (10 if choose.random() < 0.05 + shift / 10 else 1),
        "whole": lambda: float(round(choose.gauss(20, 4) + 4 * shift)),
        "few": lambda: float(choose.randint(0, 3) + (choose.random() < shift)),
        "same": lambda: 7.0 + (choose.random() < 0.1 * shift),
    }[shape]
    return [draw() for _ in range(count)]


def p_values(x, y, method):
    return {name: float(stats.mannwhitneyu(x, y, alternative=word, method=method).pvalue)
            for name, word in ALTERNATIVES.items()}


def ranks(choose, number):
    shapes = ["normal", "lognormal", "pareto", "cauchy", "mixture", "whole", "few", "same"]
    kind = choose.choices(["tiny", "small", "large"], [5, 4, 1])[0]
    shape = shapes[number % len(shapes)]
    shift = choose.choice([0, 0, 0.1, 0.5, 1, 3])
    x = sample(choose, shape, size(choose, kind), shift)
    y = sample(choose, shape, size(choose, kind), 0)
    tied = len(set(x + y)) < len(x) + len(y)
    exact = permutation = None
    if not tied and len(x) * len(y) <= MOST_PAIRS_EXACT:
        exact = p_values(x, y, "exact")
    # permutation_test wants two values or more on each side.
    if min(len(x), len(y)) > 1 and math.comb(len(x) + len(y), len(x)) <= MOST_PERMUTATIONS:
        permutation = p_values(x, y, stats.PermutationMethod(n_resamples=numpy.inf))
    return {
        "x": x, "y": y, "isTied": tied, "statistic": float(stats.mannwhitneyu(x, y, method="asymptotic").statistic),
        "exact": exact, "permutation": permutation, "asymptotic": p_values(x, y, "asymptotic"),
        "levels": LEVELS, "quantiles": [float(value) for value in numpy.quantile(x, LEVELS)],
    }


def tables(choose, number):
    most = [8, 60, 1000, 30_000, 1_000_000][number % 5]
    if choose.random() < 0.5:  # equal sizes, where both ends of the distribution are alike
        first = second = choose.randint(1, most)
    else:
        first, second = choose.randint(0, most), choose.randint(0, most)
    rate = choose.random() ** choose.choice([1, 4, 12])

    def hits(count):
        wanted = choose.gauss(rate * count, choose.choice([1, 1, 4]) * math.sqrt(count * rate * (1 - rate)))
        return min(count, max(0, round(wanted)))

    a, c = hits(first), hits(second)
    table = [[a, first - a], [c, second - c]]
    return {"table": table[0] + table[1],
            "pValues": {name: float(stats.fisher_exact(table, alternative=word).pvalue)
                        for name, word in ALTERNATIVES.items()}}


def main():
    make = {"ranks": ranks, "tables": tables}[sys.argv[1]]
    choose = random.Random(int(sys.argv[2]))
    numpy.seterr(all="ignore")
    for number in range(int(sys.argv[3])):
        print(json.dumps(make(choose, number)))


main()

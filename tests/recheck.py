"""Value and both bounds of a dumped plan by numpy alone: nothing of the package is imported.

    python tests/recheck.py PROOF.npz

It checks that the plan is allowed, adds up what it is worth, and works both bounds out from the
multipliers and prices. Everything is a whole number; they are printed as JSON, and in units.
"""

import json
import sys
from itertools import pairwise

import numpy as np


def check_plan(z):
    """The counts are met, no column opens too early, rows that are due are covered, limits hold."""
    classes, never = z["classes"].astype(int), z["budget"].size
    assert np.array_equal(np.bincount(classes, minlength=never + 1)[:never], z["budget"])
    assert (classes >= z["first"])[classes < never].all()
    is_due = z["due"] >= 0
    assert (row_classes(z)[is_due] <= z["due"][is_due]).all()
    use = z["amount"] @ (classes[:, None] <= np.arange(never))
    assert (use >= z["least"]).all() and (use <= z["most"]).all()


def row_classes(z):
    """Class from which each row is covered."""
    pairs = pairwise(z["row_ptr"])
    return np.array([with_fixed(z)[z["row_col"][i:j]].min() for i, j in pairs], dtype=int)


def with_fixed(z):
    """Class of each column; where columns carry only so much, the fixed ones follow them."""
    return np.append(z["classes"].astype(int), np.zeros(z.get("cap", z["first"]).size, dtype=int))


def split_value(z):
    """What the split of the loads serves, once it is seen that no column carries too much."""
    row = np.repeat(np.arange(len(z["load"])), np.diff(z["row_ptr"]))
    covered, total = row_classes(z), 0
    for k, parts in enumerate(z["parts"]):
        of_row, of_column = np.zeros_like(z["load"]), np.zeros_like(z["cap"])
        np.add.at(of_row, row, parts)
        np.add.at(of_column, z["row_col"], parts)
        assert (parts >= 0).all() and (of_row <= z["load"]).all() and (of_column <= z["cap"]).all()
        assert (with_fixed(z)[z["row_col"][parts > 0]] <= k).all()
        share = np.where(z["load"] > 0, of_row / np.maximum(1, z["load"]), covered <= k)
        total += int(np.floor(z["weight"][:, k] * share).astype(np.int64).sum())
    return total


def carried_worth(z, multipliers):
    """What the rows of each column are worth in each phase, as far as it carries them."""
    worth = np.zeros((len(z["cap"]), multipliers.shape[1]), dtype=np.int64)
    rows = np.repeat(np.arange(len(z["load"])), np.diff(z["row_ptr"]))
    for j, cap in enumerate(z["cap"].tolist()):
        mine = rows[z["row_col"] == j]
        for k in range(multipliers.shape[1]):
            pairs = list(zip(multipliers[mine, k].tolist(), z["load"][mine].tolist(), strict=True))
            heavy = sorted(((-(-(m << 16) // w), m, w) for m, w in pairs if w and m), reverse=True)
            # any price of load gives a bound: that of the row with which the cap is full
            price, above = 0, 0
            for key, _, w in heavy:
                above += w
                if above > cap:
                    price = key
                    break
            total = cap * price + sum((m << 16) - price * w for key, m, w in heavy if key > price)
            worth[j, k] = sum(m for m, w in pairs if not w) - (-total >> 16)
    return worth


def seats_of(z):
    """For each site with two seats or more: the columns of each seat, and which are held."""
    for site, end in pairwise(z["site_ptr"]):
        seats = range(site, end)
        columns = [z["seat_column"][z["seat_ptr"][s] : z["seat_ptr"][s + 1]] for s in seats]
        yield columns, z["is_open"][site:end]


def values(z):
    """What is maximised and what is covered, by the plan."""
    classes, rows, never = z["classes"].astype(int), row_classes(z), z["budget"].size
    covered = sum(int(z["weight"][rows <= k, k].sum()) for k in range(never))
    covered = split_value(z) if "load" in z else covered
    beside = sum(int(z["reward"][j, c]) for j, c in enumerate(classes) if c < never)
    for columns, held in seats_of(z):
        open_from = [
            0 if is_held else min((classes[j] for j in seat), default=never)
            for seat, is_held in zip(columns, held, strict=True)
        ]
        beside += int(z["bonus"][sorted(open_from)[1]])
    constant, settled = (int(each) for each in z["constant"])
    return constant + settled + covered + beside, constant + covered


def bound(z, multipliers, prices, charges, reward, sites):
    """What no plan exceeds: the inner problem, solved site by site."""
    weight, never = z["weight"], prices.size
    assert (multipliers >= 0).all() and (multipliers <= weight).all()
    total = int((weight - multipliers).sum()) + int(z["budget"] @ prices)
    total += int((charges * np.where(charges > 0, z["most"], z["least"])).sum())
    reward = reward - z["amount"].T @ np.cumsum(charges[:, ::-1], axis=1)[:, ::-1]

    # what each column is worth in each class, above the price: its rows count from there on
    free = z["first"].size
    if "load" in z:
        worth = carried_worth(z, multipliers)
        total += int(worth[free:].sum())
    else:
        rows = np.repeat(np.arange(len(weight)), np.diff(z["row_ptr"]))
        worth = np.zeros((free, never), dtype=np.int64)
        np.add.at(worth, z["row_col"], multipliers[rows])
    worth = worth[:free]
    gain = np.cumsum(worth[:, ::-1], axis=1)[:, ::-1] + reward - prices
    options = [
        [None if c < first else int(gain[j, c]) for c in range(never)]
        for j, first in enumerate(z["first"])
    ]
    best = [max([0, *(g for g in each if g is not None)]) for each in options]
    total += sum(best)

    # a site is shared from class c on if two seats are held by then: the two that lose least
    for columns, held in sites:
        most = 0
        for c in range(never):
            losses = [0] * int(held.sum())
            for seat in (seat for seat, is_held in zip(columns, held, strict=True) if not is_held):
                by_then = [best[j] - g for j in seat for g in options[j][: c + 1] if g is not None]
                losses += [min(by_then)] if by_then else []
            if len(losses) > 1:
                most = max(most, int(z["bonus"][c]) - sum(sorted(losses)[:2]))
        total += most
    return total


def main(path):
    """Print what follows from a file."""
    z = dict(np.load(path))
    check_plan(z)
    objective, covered = values(z)
    constant, settled = (int(each) for each in z["constant"])
    step, coverage_step = (int(each) for each in z["step"])
    own, alone = (
        [z[f"{of}_{name}"] for name in ("multipliers", "prices", "charges")]
        for of in ("objective", "coverage")
    )
    most = constant + settled + bound(z, *own, z["reward"], seats_of(z))
    most_covered = constant + bound(z, *alone, 0 * z["reward"], ())
    whole = {
        "objective": objective,
        "objective_bound": most // step * step,
        "value": covered,
        "bound": most_covered // coverage_step * coverage_step,
    }
    scale = float(z["scale"][0])
    print(json.dumps({"whole": whole, "units": {k: v / scale for k, v in whole.items()}}))


if __name__ == "__main__":
    main(sys.argv[1])

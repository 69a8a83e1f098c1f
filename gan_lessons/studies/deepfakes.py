"""Detectors of generated images, on generators that they have not met: five seeds of each.

    python -m gan_lessons.studies.deepfakes

Half of the bundled training images train the generators, the other half the detectors. Detector i
is tested on 1,000 test images of its own. There are five generators of each kind, and five
detectors of each sort. Detector i has met samples of DCGAN i and of nothing else, but for the part
"held_out": there it has met generator i of the four other kinds, or the four other seeds of DCGAN,
in equal parts; and for the part "longer", where DCGAN i is trained on to 4,000 steps, for the old
detectors and for new ones that meet nothing else. Every image, real or fake, is rounded to whole
grey levels. Runs on one thread.
"""

import time

import torch

from gan_lessons import data, metrics
from gan_lessons.protocols.detection import (
    CHANGES,
    KINDS,
    auc,
    calibration_error,
    evade,
    generator,
    samples,
    scores,
    sometimes,
    train_detector,
    train_spectrum,
)
from gan_lessons.studies import common

SEEDS, TEST, LONGER = range(5), 1000, 4000
SORTS, OTHER_SEEDS = ("CNN", "CNN, changed images", "spectrum"), "DCGAN, other seeds"


def split(seed=0):
    """Three uint8 sets that share no image: for generators, for detectors, and for tests, the last
    one (5, 1000, 1, 28, 28).
    """
    train, test = (data.fashion_mnist(part).images for part in ("train", "test"))
    by = torch.Generator().manual_seed(seed)
    order, held = torch.randperm(len(train), generator=by), torch.randperm(len(test), generator=by)
    return train[order[:10_000]], train[order[10_000:]], test[held].view(5, TEST, 1, 28, 28)


def matrix(table, sort, kind, key="auc", part="detectors"):
    """A number of the stored table for each pair (detector, generator) of a sort and a kind."""
    rows = [row for row in table[part] if row["sort"] == sort]
    if part == "detectors":
        return torch.tensor([row[kind][key] for row in rows], dtype=torch.float64)
    return torch.tensor([r[key] for r in rows if r["kind"] == kind], dtype=torch.float64)


def judge(detect, threshold, real, fakes):
    """AUC and share of flagged fakes, one entry for each set of fakes."""
    on_real = scores(detect, real)
    found = [scores(detect, fake) for fake in fakes]
    return {
        "auc": [round(auc(on_real, x), 4) for x in found],
        "found": [round((x > threshold).double().mean().item(), 4) for x in found],
        "false_alarms": round((on_real > threshold).double().mean().item(), 4),
    }


def trained(sort, seed, real, fake):
    """A detector of a sort, and its threshold: 1 % false alarms on 2,000 images of its own."""
    if sort.startswith("spectrum"):
        detect = train_spectrum(real[:4000], fake)
    else:
        change, epochs = (sometimes, 12) if sort == "CNN, changed images" else (None, 6)
        detect = train_detector(real[:4000], fake, seed, change, epochs)
    return detect, scores(detect, real[4000:6000]).quantile(0.99).item()


def of_detector(i, G, real, tests):
    """Everything that is measured with detectors number i; `G` maps (kind, seed) to generators."""
    torch.manual_seed(100 + i)
    real, test = real[torch.randperm(len(real))], tests[i]
    fakes = {key: samples(g, TEST, 1000 + key[1]) for key, g in G.items()}
    own, rows, changed, held_out = samples(G["DCGAN", i], 4000, i), [], [], []
    for sort in SORTS:
        detect, threshold = trained(sort, i, real, own)
        row = {
            "sort": sort,
            "detector": i,
            "floor": round(auc(scores(detect, test), scores(detect, tests[i - 1])), 4),
        }
        for kind in KINDS:
            row[kind] = judge(detect, threshold, test, [fakes[kind, j] for j in SEEDS])
            pair = torch.cat([scores(detect, test), scores(detect, fakes[kind, i])]).sigmoid()
            row[kind]["calibration_error"] = round(
                calibration_error(pair, torch.arange(2 * TEST) >= TEST), 4
            )
        rows.append(row)
        for name, change in CHANGES.items():
            torch.manual_seed(i)
            both = judge(detect, threshold, change(test), [change(fakes["DCGAN", i])])
            changed.append({"sort": sort, "detector": i, "change": name} | both)
        if sort == "CNN":
            first = detect
    for kind in (*KINDS, OTHER_SEEDS):
        if kind == OTHER_SEEDS:
            met, unseen = [("DCGAN", j) for j in SEEDS if j != i], [("DCGAN", i)]
        else:
            met, unseen = [(k, i) for k in KINDS if k != kind], [(kind, j) for j in SEEDS]
        many = torch.cat([samples(G[key], 1000, i) for key in met])
        for sort in ("CNN", "spectrum"):
            detect, threshold = trained(sort, i, real, many)
            row = judge(detect, threshold, test, [fakes[key] for key in unseen])
            held_out.append({"sort": sort, "detector": i, "kind": kind} | row)
    return rows, changed, held_out, arms_race(i, first, G["DCGAN", i], real, test)


def arms_race(i, detect, G, real, test):
    """What 100 steps against detector i do to it, to the images, and to a new detector."""
    torch.manual_seed(200 + i)
    other = evade(detect, G)
    fresh = train_detector(real[:4000], samples(other, 4000, i), 300 + i)
    pair = [samples(g, TEST, 1000 + i) for g in (G, other)]
    on = [scores(detect, test)] + [scores(detect, x) for x in pair]
    return {
        "detector": i,
        "before": round(auc(on[0], on[1]), 4),
        "after": round(auc(on[0], on[2]), 4),
        "new_detector": round(auc(scores(fresh, test), scores(fresh, pair[1])), 4),
        "levels": round((pair[0].float() - pair[1].float()).abs().mean().item(), 2),
        "distance": [round(metrics.fashion_distance(samples(g, 5000, 5)), 2) for g in (G, other)],
    }


def longer(i, G, images, real, test):
    """The same DCGAN after more steps: what the old detectors find, and what new ones do."""
    later, rows = generator("DCGAN", i, images, LONGER), []
    fakes = [samples(g, TEST, 1000 + i) for g in (G, later)]
    torch.manual_seed(100 + i)  # the real images that detector i has met in the other parts
    real = real[torch.randperm(len(real))]
    distance = round(metrics.fashion_distance(samples(later, 5000, 5)), 2)
    for sort in ("CNN", "spectrum"):
        for name, met in (("old", G), ("new", later)):
            detect, threshold = trained(sort, i, real, samples(met, 4000, i))
            row = {"sort": sort, "detector": i, "met": name, "distance": distance}
            rows.append(row | judge(detect, threshold, test, fakes))
    return rows


if __name__ == "__main__":
    common.begin()
    torch.set_num_threads(1)
    for_generators, for_detectors, tests = split()
    G, generators = {}, []
    for seed in SEEDS:
        for kind in KINDS:
            start = time.process_time()
            G[kind, seed] = generator(kind, seed, for_generators)
            seconds = round(time.process_time() - start, 1)
            distance = round(metrics.fashion_distance(samples(G[kind, seed], 5000, 5)), 2)
            generators.append(
                {"kind": kind, "seed": seed, "cpu_seconds": seconds, "distance": distance}
            )
            print(generators[-1], flush=True)
    parts = ([], [], [], [], [])
    for i in SEEDS:
        found = of_detector(i, G, for_detectors, tests)
        for part, rows in zip(parts, found, strict=False):
            part.extend(rows if isinstance(rows, list) else [rows])
        parts[-1].extend(longer(i, G["DCGAN", i], for_generators, for_detectors, tests[i]))
        print(found[0], parts[-1][-4:], f"{time.process_time():.0f} s", flush=True)
    names = ("detectors", "changed", "held_out", "arms_race", "longer")
    table = {"cpu_seconds": round(time.process_time()), "test": TEST, "generators": generators}
    common.save("deepfakes", table | dict(zip(names, parts, strict=True)))

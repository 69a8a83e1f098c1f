"""Does synthetic data leak its training set? Attacks on a small GAN, and a private one.

    python -m gan_lessons.studies.privacy

Attacks: Fashion-MNIST averaged to 14 x 14, GANs trained on 50, 200 and 800 images, and one odd
image planted in each training set. The second half: a table of patients, with DP-SGD on D and with
noisy histograms. Needs statsmodels, scikit-learn and opacus.
"""

import time

import torch

from gan_lessons.protocols import examples
from gan_lessons.protocols.differential_privacy import (
    BATCH,
    CLIP,
    DELTA,
    gan_rows,
    histograms,
    judged,
    noise_for,
    train_private,
    train_test,
)
from gan_lessons.protocols.differential_privacy import STEPS as DP_STEPS
from gan_lessons.protocols.privacy import (
    OTHERS,
    SAMPLES,
    STEPS,
    attack_auc,
    attack_scores,
    closeness_report,
    found_at,
    groups,
    noise_until_it_passes,
    rounded,
    trained,
)
from gan_lessons.studies import common

SIZES, SEEDS = (50, 200, 800), range(5)


def run(seed, n, steps=STEPS):
    """One GAN and all that is measured on it."""
    members, others, reference, odd = groups(*examples.small_images("fashion"), seed, n)
    gan, samples = trained(members, seed, steps)
    known = gan.D, samples, reference[0]
    inside, outside = attack_scores(*known, *members), attack_scores(*known, *others)
    strange = attack_scores(*known, *odd)
    row = {"n": n, "seed": seed, "attacks": {}, "planted": {}}
    for name, scores in inside.items():
        # the planted image is left out: it is compared with other negatives instead
        row["attacks"][name] = {
            "auc": round(attack_auc(outside[name], scores[1:]), 4),
            "found": round(found_at(outside[name], scores[1:]), 4),
        }
        row["planted"][name] = round(attack_auc(strange[name], scores[:1]), 4)
    real = members[0][1:], others[0]
    row["closeness"] = rounded(closeness_report(samples, *real))
    noisy, size = noise_until_it_passes(samples, *real)
    inside, outside = (
        attack_scores(gan.D, noisy, reference[0], *part)["calibrated"] for part in (members, others)
    )
    found = {"auc": attack_auc(outside, inside[1:]), "found": found_at(outside, inside[1:])}
    row["noisy"] = rounded({"size": size, **found, **closeness_report(noisy, *real)})
    return row


EPSILONS, TRAIN = (1.0, 3.0, 10.0, float("inf")), 15_000
SETTINGS = {"delta": DELTA, "batch": BATCH, "dp_steps": DP_STEPS, "clip": CLIP, "train_rows": TRAIN}


def runs(seed, epsilons=EPSILONS, steps=DP_STEPS):
    """All rows of the table for one split; epsilon is None where there is no noise."""
    (real, test), bins = train_test(examples.patients(), seed, TRAIN), examples.PATIENT_BINS
    found = [{"seed": seed, "kind": "real", "epsilon": None, **judged(real, test, bins)}]
    for epsilon in epsilons:
        sigma = noise_for(epsilon, len(real), steps)
        made = {
            "GAN": gan_rows(train_private(real, sigma, seed, steps), bins, len(real)),
            "histograms": histograms(real, bins, epsilon, seed),
        }
        said = None if epsilon == float("inf") else epsilon
        for kind, rows in made.items():
            found.append({"seed": seed, "kind": kind, "epsilon": said, **judged(rows, test, bins)})
            found[-1]["sigma"] = round(sigma, 3) if kind == "GAN" else None
    return found


if __name__ == "__main__":
    common.begin()
    torch.set_num_threads(1)
    attacks, private, settings = [], [], {"steps": STEPS, "samples": SAMPLES, "others": OTHERS}
    for seed in SEEDS:
        attacks += [run(seed, n) for n in SIZES]
        private += runs(seed)
        settings |= SETTINGS | {"cpu_seconds": round(time.process_time())}
        common.save("privacy", {**settings, "attacks": attacks, "private": private})

"""Drums, moving shapes and sentences by small GANs, each beside simple baselines.

    python -m gan_lessons.studies.sound_motion_text
    python -m gan_lessons.studies.sound_motion_text text     # one of drums, videos, text

All data is synthetic, so that what is measured is known exactly. Five seeds for drums and videos,
ten for sentences; each seed has training data of its own, and every baseline of a seed has the same
training data. Settings were chosen on the seeds 0 and 1, the steps of maximum likelihood on 0 to
19; the rows of text have others. Runs on one thread.
"""

import sys
import time
from functools import partial

import torch

from gan_lessons.protocols import drums, sentences, videos
from gan_lessons.protocols.media import JUDGE, nearest, one_hot, pca_gaussian, trained
from gan_lessons.protocols.sentences import NGram, likelihood, text_scores, write
from gan_lessons.studies import common

SEEDS, TEXT_SEEDS = range(10, 15), range(20, 30)
TRAIN, TEST, TEXTS, WRITTEN = 2000, 1000, 300, 2000
LIKELIHOOD = 500  # steps of maximum likelihood
MAKE = {"drums": drums.drums, "videos": videos.videos}
TOO_LONG = "the same, trained too long"
TEMPERATURES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.3, 1.5)


def of_clips(medium, seed):
    """All rows of one medium and seed."""
    train, fresh, other = (
        MAKE[medium](n, 3 * seed + i)[0] for i, n in enumerate((TRAIN, TEST, TEST))
    )
    start = time.process_time()
    gan = trained(medium, train, seed)
    seconds = round(time.process_time() - start, 1)
    made = {"fresh real": other, "GAN": gan.sample(TEST)}
    made["nearest training clip"] = nearest(made["GAN"], train)
    made["PCA-Gaussian"] = pca_gaussian(train, TEST, seed)
    if medium == "videos":
        made["shuffled frames"] = videos.shuffled(other, seed)
    rows = []
    for source, clips in made.items():
        found = {k: round(v, 4) for k, v in JUDGE[medium](clips, train, fresh).items()}
        rows.append({"source": source, "seed": seed} | found)
    rows[1]["cpu_seconds"] = seconds
    return rows


def of_text(seed):
    """The temperature curves of one seed: a row for each source and temperature."""
    train, _ = sentences.split(TEXTS, seed)
    gan = trained("text", one_hot(train), seed)
    writers = {"GAN": partial(write, gan.G_ema)}
    for name, steps in (("maximum likelihood", LIKELIHOOD), (TOO_LONG, 1500)):
        writers[name] = partial(write, likelihood(train, seed, steps), noise=False)
    for n in (2, 3, 4):
        writers[f"{n}-gram"] = NGram(train, n).write
    torch.manual_seed(1000 + seed)
    rows = []
    for source, writer in writers.items():
        for t in TEMPERATURES:
            found = text_scores(writer(WRITTEN, temperature=t), train)
            found = {k: round(v, 4) for k, v in found.items()}
            rows.append({"source": source, "seed": seed, "temperature": t} | found)
    copies = train[torch.randint(TEXTS, (WRITTEN,))]
    return [*rows, {"source": "training sentences", "seed": seed} | text_scores(copies, train)]


def curve(rows, source, seed, keys=("valid", "variety")):
    """The numbers of one source and seed over its temperatures, (len(keys), temperatures)."""
    own = [r for r in rows if (r["source"], r["seed"]) == (source, seed) and "temperature" in r]
    return torch.tensor([[r[k] for r in own] for k in keys], dtype=torch.float64)


def values(rows, source, key):
    """A number of each seed's row of a source."""
    return torch.tensor([r[key] for r in rows if r["source"] == source], dtype=torch.float64)


if __name__ == "__main__":
    common.begin()
    torch.set_num_threads(1)
    media = {m: (partial(of_clips, m), SEEDS) for m in MAKE} | {"text": (of_text, TEXT_SEEDS)}
    for medium in sys.argv[1:] or media:
        (rows_of, seeds), start, table = media[medium], time.process_time(), []
        for seed in seeds:
            table += rows_of(seed)
            print(medium, *table[-5:], sep="\n  ", flush=True)
        spent = round(time.process_time() - start)
        made = {"made_by": common.origin(), "cpu_seconds": spent, "rows": table}
        common.save(f"media_{medium}", made)

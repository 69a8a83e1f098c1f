"""Drums, moving shapes and sentences by small GANs, each beside simple baselines.

    python -m gan_lessons.studies.media
    python -m gan_lessons.studies.media text     # one of drums, videos, text

All data is synthetic, so that what is measured is known exactly. Five seeds for drums and videos,
ten for sentences; each seed has training data of its own, and every baseline of a seed has the same
training data. Settings were chosen on the seeds 0 and 1, the steps of maximum likelihood on 0 to
19; the rows of text have others. Runs on one thread.
"""

import sys
import time
from functools import partial

import torch
import torch.nn.functional as F

from gan_lessons import data, losses, training
from gan_lessons.studies import common, media_drums, media_text, media_video
from gan_lessons.studies.media_text import (
    NGram,
    Reader,
    Writer,
    likelihood,
    text_scores,
    write,
)

SEEDS, TEXT_SEEDS = range(10, 15), range(20, 30)
TRAIN, TEST, TEXTS, WRITTEN = 2000, 1000, 300, 2000
STEPS = {"drums": 4000, "videos": 2400, "text": 1500}
LIKELIHOOD = 500  # steps of maximum likelihood
BATCH = {"drums": 64, "videos": 32, "text": 64}
PARTS = {
    "drums": (media_drums.DrumGenerator, media_drums.DrumDiscriminator, 16),
    "videos": (media_video.VideoGenerator, media_video.VideoDiscriminator, 16),
    "text": (Writer, Reader, 8),
}
MAKE = {"drums": media_drums.drums, "videos": media_video.videos}
TOO_LONG = "the same, trained too long"
TEMPERATURES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.3, 1.5)


def recipe(lr):
    """R3GAN's losses with weak penalties, for a short run."""
    penalty = partial(losses.r1_r2_penalty, gamma=0.1)
    return losses.Recipe(
        *losses.relativistic_losses(), penalty, lr_d=lr, lr_g=lr, betas=(0.0, 0.99), ema=0.99
    )


def trained(medium, clips, seed, steps=None, progress=False):
    """A GAN of a medium ("drums", "videos", "text"), trained on clips or one-hot sentences."""
    torch.manual_seed(seed)
    G, D, z_dim = PARTS[medium]
    gan = training.GAN(G(), D(), recipe(1e-3 if medium == "text" else 2e-3), z_dim)
    batches = data.batches(clips, BATCH[medium], seed=seed)
    training.fit(gan, batches, steps or STEPS[medium], progress=progress)
    return gan


def one_hot(texts):
    """Sentences (N, 6) as float (N, 6, 19)."""
    return F.one_hot(texts, len(media_text.WORDS)).float()


def pca_gaussian(clips, n, seed, share=0.95):
    """`n` draws from a Gaussian on the principal components that hold a share of the variance."""
    flat = clips.flatten(1)
    mean = flat.mean(dim=0)
    _, size, axes = torch.linalg.svd(flat - mean, full_matrices=False)
    k = int((size.square().cumsum(0) / size.square().sum() < share).sum()) + 1
    z = torch.randn(n, k, generator=torch.Generator().manual_seed(seed))
    made = mean + z * size[:k] / (len(clips) - 1) ** 0.5 @ axes[:k]
    return made.view(n, *clips.shape[1:]).clamp(-1, 1)


def nearest(samples, train):
    """For each sample the training clip that is nearest to it."""
    return train[torch.cdist(samples.flatten(1), train.flatten(1)).argmin(dim=1)]


def novelty(samples, train, fresh):
    """Median distance to the nearest training clip, over that of fresh real clips.

    0 for copies; 1 for clips as new as real ones that were never seen; more for what lies far from
    all real clips.
    """
    own, real = (
        torch.cdist(x.flatten(1), train.flatten(1)).amin(dim=1).median() for x in (samples, fresh)
    )
    return (own / real).item()


def gap(a, b):
    """Mean distance of two sets of as many numbers, both sorted (Wasserstein distance)."""
    return (a.double().sort().values - b.double().sort().values).abs().mean().item()


def judge_drums(clips, train, fresh):
    """What one set of drums is worth: see the table in the lesson."""
    pitch, decay = media_drums.pitch_of(clips), media_drums.decay_of(clips)
    real_pitch, real_decay = media_drums.pitch_of(fresh), media_drums.decay_of(fresh)
    both = torch.stack([pitch.log(), decay.log()])
    return {
        "clean": (media_drums.tone_share(clips) > 0.85).double().mean().item(),
        "pitch": gap(12 * pitch.log2(), 12 * real_pitch.log2()),
        "decay": gap(decay.log(), real_decay.log()),
        "link": torch.corrcoef(both)[0, 1].item(),
        "new": novelty(clips, train, fresh),
    }


def judge_videos(clips, train, fresh):
    """What one set of videos is worth: see the table in the lesson."""
    found = {k: v.double().mean().item() for k, v in media_video.video_checks(clips).items()}
    found["speed"] = gap(media_video.speed_of(clips), media_video.speed_of(fresh))
    return found | {"new": novelty(clips, train, fresh)}


JUDGE = {"drums": judge_drums, "videos": judge_videos}


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
        made["shuffled frames"] = media_video.shuffled(other, seed)
    rows = []
    for source, clips in made.items():
        found = {k: round(v, 4) for k, v in JUDGE[medium](clips, train, fresh).items()}
        rows.append({"source": source, "seed": seed} | found)
    rows[1]["cpu_seconds"] = seconds
    return rows


def of_text(seed):
    """The temperature curves of one seed: a row for each source and temperature."""
    train, _ = media_text.split(TEXTS, seed)
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


def at_quality(points, level=0.95):
    """Best variety at a share `level` of valid sentences, between neighbouring temperatures.

    `points` (2, T) hold valid and variety, from cold to hot; nan where no temperature is that good.
    """
    found = []
    for (v0, d0), (v1, d1) in zip(points.T.tolist(), points.T.tolist()[1:], strict=False):
        if v0 >= level > v1:
            found.append(d0 + (d1 - d0) * (v0 - level) / (v0 - v1))
    if not found and points[0].min() >= level:
        found = [points[1].max().item()]
    return max(found, default=float("nan"))


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
        made = {"made_by": common.origin("media"), "cpu_seconds": spent, "rows": table}
        common.save(f"media_{medium}", made)

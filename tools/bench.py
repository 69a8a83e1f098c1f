"""What importing the package and `fit` cost, then the race against published recipes.

    python -m tools.bench [CPU SECONDS FOR EACH CONTENDER] [SEEDS]

`make bench` runs this; `gan_lessons.studies.better_games.race` says how the race is held.
"""

import contextlib
import io
import statistics
import subprocess
import sys
import time

import torch

from gan_lessons import data, losses, networks, training
from gan_lessons.studies import common
from gan_lessons.studies.better_games import race

ROUNDS, STEPS = 30, 100  # a round is short, so that a disturbance spoils few of them


def points():
    """The GAN of lesson 02 and its batches."""
    G, D = networks.MLPGenerator(), networks.MLPDiscriminator()
    gan = training.GAN(G, D, losses.VANILLA, z_dim=2)
    return gan, data.batches(data.ring(), 256)


def images():
    """The DCGAN of lesson 03 and its batches."""
    G, D = networks.DCGANGenerator(), networks.DCGANDiscriminator()
    gan = training.GAN(G, D, losses.DCGAN, networks.Z_DIM)
    return gan, data.batches(data.fashion_mnist("test"), 32)


def bare_loop(gan, batches, steps):
    """What `fit` does when nothing is shown, kept or guarded."""
    for _ in range(steps):
        real, *labels = next(batches)
        training.train_discriminator(gan, real, *labels)
        training.train_generator(gan, len(real), *labels)


def fit_over_bare_loop(make, rounds=ROUNDS, steps=STEPS):
    """CPU seconds of `steps` bare steps and of as many by `fit`, in turns: a pair for each round.

    The bare steps run inside a hook of one long `fit`, whose clock stands meanwhile.
    """
    gan, batches = make()
    pairs = []
    begin = time.process_time()

    def on_step(step, gan, history):
        nonlocal begin
        if (step + 1) % steps:
            return False
        fitted = time.process_time() - begin
        bare = time.process_time()
        bare_loop(gan, batches, steps)
        begin = time.process_time()
        pairs.append((begin - bare, fitted))
        return False

    quiet = io.StringIO()  # the bar is drawn and paid for, but not seen
    with contextlib.redirect_stderr(quiet), contextlib.redirect_stdout(quiet):
        training.fit(gan, batches, (rounds + 1) * steps, on_step)
    return pairs[1:]  # the first round warms up


def median_and_interval(values):
    """The median, and the 95 % interval for it that needs no assumption but independence."""
    values, n = sorted(values), len(values)
    reach = int(0.98 * n**0.5) + 1
    middle = n // 2
    return (
        statistics.median(values),
        values[max(middle - reach, 0)],
        values[min(middle + reach, n - 1)],
    )


def import_seconds(code):
    """CPU seconds of a fresh Python that runs `code`: the least of five."""
    ask = f"import time; {code}; print(time.process_time())"
    runs = [subprocess.run([sys.executable, "-c", ask], capture_output=True) for _ in range(5)]
    return min(float(run.stdout) for run in runs)


def overheads():
    """Print what importing and `fit` cost."""
    torch_alone = import_seconds("import torch")
    package = import_seconds("from gan_lessons import data, losses, networks, training, storage")
    print(f"import: torch {torch_alone:.2f} s, the package with it {package:.2f} s", flush=True)
    for make in (points, images):
        pairs = fit_over_bare_loop(make)
        middle, low, high = median_and_interval([fitted / bare for bare, fitted in pairs])
        bare = statistics.median(pair[0] for pair in pairs) / STEPS * 1000
        print(
            f"fit over the bare loop, {make.__name__}: {middle - 1:+.1%} CPU time (95 % interval "
            f"{low - 1:+.1%} to {high - 1:+.1%}, {len(pairs)} rounds; bare {bare:.2f} ms a step)",
            flush=True,
        )


if __name__ == "__main__":
    budget, seeds = race.arguments()
    common.begin()
    torch.manual_seed(0)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads", flush=True)
    overheads()
    race.main(budget, seeds)

"""What `fit` costs over the bare loop, and what importing the package costs over importing torch.

    python -m tools.bench [STEPS]

CPU seconds, so that other programs disturb less; both sides of a ratio are measured in turns within
one run. `make bench` runs this.
"""

import statistics
import subprocess
import sys
import time

import torch

from gan_lessons import data, losses, networks, training

ROUNDS = 7


def points():
    """The GAN of lesson 02 and its batches."""
    G, D = networks.MLPGenerator(), networks.MLPDiscriminator()
    gan = training.GAN(G, D, losses.VANILLA, z_dim=2)
    return gan, data.batches(data.ring(), 256)


def images():
    """The DCGAN of lesson 05 and its batches."""
    G, D = networks.DCGANGenerator(64), networks.DCGANDiscriminator()
    gan = training.GAN(G, D, losses.DCGAN, z_dim=64)
    return gan, data.batches(data.fashion_mnist("test"), 32)


def bare_loop(gan, batches, steps):
    """What `fit` does when nothing is shown, kept or guarded."""
    for _ in range(steps):
        real, *labels = next(batches)
        training.train_discriminator(gan, real, *labels)
        training.train_generator(gan, len(real), *labels)


def cpu_seconds(function, *arguments):
    start = time.process_time()
    function(*arguments)
    return time.process_time() - start


def fit_over_bare_loop(make, steps):
    """CPU seconds of both, a pair for each round; the first pair warms up and is dropped."""
    gan, batches = make()
    pairs = []
    for _ in range(ROUNDS + 1):
        bare = cpu_seconds(bare_loop, gan, batches, steps)
        fitted = cpu_seconds(training.fit, gan, batches, steps)
        pairs.append((bare, fitted))
    return pairs[1:]


def import_seconds(code):
    """CPU seconds of a fresh Python that runs `code`: the least of five."""
    ask = f"import time; {code}; print(time.process_time())"
    runs = [subprocess.run([sys.executable, "-c", ask], capture_output=True) for _ in range(5)]
    return min(float(run.stdout) for run in runs)


def main(steps):
    torch.set_num_threads(2)
    torch.set_flush_denormal(True)
    torch.manual_seed(0)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {steps} steps a round")
    results = {make.__name__: fit_over_bare_loop(make, steps) for make in (points, images)}
    for name, pairs in results.items():
        ratios = sorted(fitted / bare for bare, fitted in pairs)
        bare = statistics.median(pair[0] for pair in pairs) / steps * 1000
        print(
            f"fit over the bare loop, {name}: {statistics.median(ratios) - 1:+.1%} CPU time "
            f"(rounds {ratios[0] - 1:+.1%} to {ratios[-1] - 1:+.1%}; bare {bare:.2f} ms a step)"
        )
    torch_alone = import_seconds("import torch")
    package = import_seconds("from gan_lessons import data, losses, networks, training, storage")
    print(f"import: torch {torch_alone:.2f} s, the package with it {package:.2f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)

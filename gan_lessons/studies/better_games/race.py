"""The course's DCGAN against three published recipes, by CPU time: `make bench`, or

    python -m gan_lessons.studies.better_games.race [CPU SECONDS FOR EACH CONTENDER] [SEEDS]

Contenders run one after the other, each in its own process, with the same training images, feature
network and number of threads. Only training counts: the clock stands while samples are drawn and
measured. A GPU is used where there is one; then seconds are those of the wall clock.

At growing times, 5,000 samples are measured against the 5,000 bundled test images: the Fréchet
distance, and the share of samples of which the classifier is sure. At the end three more draws give
the distance an interval. The course's recipe draws from its averaged generator, the published ones
from their plain generators, in train or eval mode as the original does. Images of other sizes are
scaled to 28 x 28; each contender's `floor` is the distance of 5,000 real training images that went
through the same scaling.
"""

import argparse
import json
import math
import os
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from gan_lessons import data, losses, metrics, networks, runtime, storage, training
from gan_lessons.studies import common
from gan_lessons.studies.better_games import published, standings

BUDGET = 600  # CPU seconds; with it, `make bench` takes about 45 minutes on two cores
SAMPLES, DRAWS, BATCH = 5000, 4, 32
SURE = 0.9  # the classifier is sure of an image when it gives one class this probability
LATE = (10, 20, 30, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200)
EARLY = (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 14, 16, 18, 25, 40, 50, 75, 150)
# R3GAN's loss on the course's networks is no published recipe: it is listed, but not compared with.
# It has the learning rates and the Adam of the course, so that only the game differs.
ADAM = {key: getattr(losses.DCGAN, key) for key in ("lr_d", "lr_g", "betas")}
COURSE = {standings.OURS: lambda: losses.DCGAN, "R3GAN": lambda: losses.r3gan(**ADAM)}
NAMES = (*COURSE, *published.RECIPES)


def marks(name, budget):
    """The times of measurement; more of them early on for the course's networks, which are fast."""
    times = LATE + EARLY if name in COURSE else LATE
    return sorted(t for t in times if t < budget) + [budget]


class Course:
    """A recipe of `losses` with the networks of lesson 03, trained by `fit`."""

    batch, size = BATCH, 28

    def __init__(self, name, device):
        G, D = networks.DCGANGenerator(), networks.DCGANDiscriminator()
        self.gan = training.GAN(G, D, COURSE[name](), networks.Z_DIM, device)
        self.history = training.History()
        self.sample = self.gan.sample

    def train(self, batches, over):
        """Train until `over()`; returns the number of steps, and a sentence if it went wrong."""
        before, done = self.gan.steps, False

        def on_step(step, gan, history):
            nonlocal done
            done = over()
            return done

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what they say is in the history
            training.fit(self.gan, batches, 10**9, on_step, history=self.history, progress=False)
        return self.gan.steps - before, None if done else self.history.stopped


class Other:
    """A published recipe, trained by a bare loop."""

    def __init__(self, name, device):
        self.recipe = published.RECIPES[name](device)
        self.batch, self.size = self.recipe.batch, self.recipe.size
        self.sample = self.recipe.sample

    def train(self, batches, over):
        """Train until `over()`; returns the number of steps, and a sentence if it went wrong."""
        steps = 0
        while True:
            d_loss, g_loss = self.recipe.step(*next(batches))
            steps += 1
            if not math.isfinite(d_loss + g_loss):
                return steps, f"the loss of D is {d_loss:.3g} and that of G {g_loss:.3g}."
            if over():
                return steps, None


def prepare(name, seed, device):
    """A contender and its batches."""
    runtime.set_seed(seed)
    contender = (Course if name in COURSE else Other)(name, device)
    images = data.to_float(data.fashion_mnist().images).split(1000)
    images = torch.cat([data.to_uint8(published.scale(part, contender.size)) for part in images])
    return contender, data.batches(images, contender.batch, device=device, seed=seed)


class Flops(TorchDispatchMode):
    """Adds up multiplications and additions as PyTorch's FlopCounterMode does, which itself cannot
    look into gradients of gradients.
    """

    total = 0

    def __torch_dispatch__(self, function, types, arguments=(), options=None):
        result = function(*arguments, **(options or {}))
        if function._overloadpacket in flop_registry:
            count = flop_registry[function._overloadpacket]
            self.total += count(*arguments, **(options or {}), out_val=result)
        return result


def gflop_per_step(name, device):
    """Billions of additions and multiplications in a step: those of two steps less those of one."""
    counts = []
    for steps in (1, 2):
        contender, batches = prepare(name, 0, device)
        over = iter([False] * (steps - 1) + [True]).__next__
        with Flops() as flops:
            contender.train(batches, over)
        counts.append(flops.total)
    return (counts[1] - counts[0]) / 1e9


def clock(device):
    """CPU seconds of this process; with a GPU, seconds of the wall clock once it has finished."""
    if device.type == "cpu":
        return time.process_time()
    (torch.cuda if device.type == "cuda" else torch.mps).synchronize()
    return time.perf_counter()


def peak_memory(device):
    """The most memory in use so far, in MB: the GPU's, else this process's; None where the system
    does not tell.
    """
    if device.type == "cuda":
        return round(torch.cuda.max_memory_allocated() / 1e6)
    try:
        with open("/proc/self/status") as file:
            return next(int(line.split()[1]) // 1000 for line in file if line.startswith("VmHWM"))
    except OSError:
        pass
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 10**6  # bytes on macOS


def matrix_product_peak(device, rounds=30):
    """Billions of float32 operations a second (wall clock) in the fastest of several products."""
    best = 0
    for n in (1024, 2048):
        a, b = torch.randn(2, n, n, device=device)
        for _ in range(rounds):
            clock(device)
            start = time.perf_counter()
            torch.mm(a, b)
            clock(device)
            best = max(best, 2 * n**3 / (time.perf_counter() - start) / 1e9)
    return round(best, 1)


def measure(images):
    """Fréchet distance of images to the test images, and the share of which the classifier is
    sure.
    """
    features = metrics.features(images)
    with torch.no_grad():
        sure = metrics.classifier().head(features).softmax(dim=1).amax(dim=1) >= SURE
    distance = metrics.frechet_distance(metrics.reference_features("test"), features).item()
    return {"distance": round(distance, 2), "sure": round(sure.float().mean().item(), 3)}


def floor(size=28):
    """5,000 real training images, 500 of each class, scaled to `size` and back, and measured."""
    train = data.fashion_mnist("train")
    chosen = torch.cat([(train.labels == c).nonzero()[:500, 0] for c in range(10)])
    images = published.scale(data.to_float(train.images[chosen]), size)
    return measure(published.scale(images, 28))


def laps(contender, batches, times, device):
    """Train from one of the times to the next; yields what the clocks say, and a sentence where
    training went wrong, which ends it.
    """
    cpu = wall = steps = 0
    for mark in times:
        if cpu >= mark:  # a single step can take longer than the time between two marks
            continue
        begin, wall_begin = clock(device) - cpu, time.perf_counter() - wall
        more, trouble = contender.train(batches, lambda b=begin, m=mark: clock(device) - b >= m)
        cpu, wall = clock(device) - begin, time.perf_counter() - wall_begin
        steps += more
        yield {"mark": mark, "cpu": round(cpu, 2), "wall": round(wall, 2), "steps": steps}, trouble
        if trouble:
            return


def run(name, seed, budget):
    """Train one contender and measure it on the way; returns its row."""
    common.begin()
    device = runtime.best_device()
    contender, batches = prepare(name, seed, device)
    row = {"name": name, "published": name not in COURSE, "seed": seed, "batch": contender.batch}
    row |= {"size": contender.size, "at": [], "stopped": None}
    for lap, trouble in laps(contender, batches, marks(name, budget), device):
        if "peak_memory_mb" not in row:  # before measuring, which needs memory of its own
            row["peak_memory_mb"] = peak_memory(device)
        row |= {key: lap[key] for key in ("steps", "cpu", "wall")}
        where = f"{name}, seed {seed}: {lap['cpu']:.1f} s, {lap['steps']} steps"
        if trouble:
            row["stopped"] = f"{where}: it diverged. {trouble}"
            print(row["stopped"], flush=True)
            break
        found = measure(contender.sample(SAMPLES))
        row["at"].append(lap | found)
        text = f"distance {found['distance']:.1f}, sure of {found['sure']:.0%}"
        print(f"{where}, {text}", flush=True)
    else:
        draws = [measure(contender.sample(SAMPLES))["distance"] for _ in range(DRAWS - 1)]
        interval = metrics.confidence_interval([row["at"][-1]["distance"], *draws])
        row["last"] = [round(x, 2) for x in (interval.value, interval.low, interval.high)]
    row["floor"] = floor(contender.size)["distance"]
    row["gflop_per_step"] = round(gflop_per_step(name, device), 3)
    return row


def hold(budget, seeds):
    """Run all contenders; returns their rows. One that breaks costs its row, not the race."""
    # A thread that waits for the other one by spinning would use CPU seconds for nothing.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    rows = []
    for seed in range(seeds):
        for name in NAMES:
            try:
                with ProcessPoolExecutor(1, get_context("spawn")) as process:
                    rows.append(process.submit(run, name, seed, budget).result())
            except Exception as error:  # from a lack of memory to a fault in a recipe
                print(f"{name}, seed {seed}, broke off: {type(error).__name__}: {error}")
    return rows


def main(budget=BUDGET, seeds=1):
    """Hold the race, print its table, and store it with its picture."""
    from gan_lessons.show import race as picture

    common.begin()
    device = runtime.best_device()
    where = torch.cuda.get_device_name() if device.type == "cuda" else device.type.upper()
    peak = matrix_product_peak(device)
    print(f"{where}: matrix products reach {peak:.0f} GFLOP/s in float32")
    print(f"{budget:g} s of training for each of: {', '.join(NAMES)}", flush=True)
    rows = hold(budget, seeds)
    peak = max(peak, matrix_product_peak(device))  # another program may have disturbed the first
    if not any(row["at"] for row in rows):
        raise SystemExit("No contender could be measured: see the messages above.")
    result = {"budget": budget, "seeds": seeds, "device": where, "samples": SAMPLES, "sure": SURE}
    real = floor() | {"sure": measure(data.fashion_mnist("test").images)["sure"]}
    result |= {"real": real, "peak_gflops": peak, "verdict": standings.verdict(rows)}
    result |= {"curves": standings.curves(rows), "rows": rows}
    print(f"\n{standings.table(result)}\n\n{standings.over_time(result)}")
    result["alt"] = picture.store(result, storage.TABLES / "make_bench.png")
    result = {"made_by": common.origin(), **result}
    storage.write(
        storage.TABLES / "make_bench.json", (json.dumps(result, indent=1) + "\n").encode()
    )
    print(standings.last_line(result["verdict"]))


def arguments(words=None):
    """Budget and number of seeds from the command line."""
    parser = argparse.ArgumentParser(description="The course's DCGAN against published recipes.")
    add = parser.add_argument
    add("budget", nargs="?", type=float, default=BUDGET, help="CPU seconds for each contender")
    add("seeds", nargs="?", type=int, default=1, help="number of runs of each contender")
    found = parser.parse_args(words)
    if not found.budget > 0 or found.seeds < 1:
        parser.error(f"needs a budget above 0 and a seed, not {found.budget:g} and {found.seeds}")
    return found.budget, found.seeds


if __name__ == "__main__":
    main(*arguments())

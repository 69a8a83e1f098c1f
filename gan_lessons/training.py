"""The training loop: `GAN`, one step of each player, and `fit`.

`fit` is the loop of lesson 02 with what a long run needs around it: a progress bar, a clean stop,
and a guard against losses that are no numbers any more. A conditional GAN uses the same code: its
batches carry labels.
"""

import copy
import math
import time
import warnings
from dataclasses import dataclass, field

import torch
from tqdm.auto import tqdm

from gan_lessons.look import EVERY, Look


@dataclass
class History:
    """What `fit` saw: one entry per step in `d_loss` and `g_loss`; `stopped` says why a run ended
    early, or is None.

    Attributes
    ----------
    at : list of int
        The steps at which the lists below were noted, one entry each.
    d_real, d_fake : list of float
        D's mean probability of "real" on the real batch and on the fakes, before D's step.
    d_grad, g_grad : list of float
        Lengths of the gradients, over all weights of D and of G.
    spread : list of float
        Standard deviation of the fakes over that of the real batch, all numbers together.
    coverage : list of float
        Share of real samples with a fake as near as their fifth real neighbour (Naeem et al. 2020),
        0 … 1: among at most 64 samples of the batch, as they are, without features.
    """

    d_loss: list = field(default_factory=list)
    g_loss: list = field(default_factory=list)
    seconds: float = 0.0
    stopped: str | None = None
    at: list = field(default_factory=list)
    d_real: list = field(default_factory=list)
    d_fake: list = field(default_factory=list)
    d_grad: list = field(default_factory=list)
    g_grad: list = field(default_factory=list)
    spread: list = field(default_factory=list)
    coverage: list = field(default_factory=list)

    def __len__(self):
        return len(self.d_loss)


class GAN:
    """Two networks, their optimisers, and the averaged generator.

    Parameters
    ----------
    G, D : modules
        G maps (z, *labels) to samples, D maps (samples, *labels) to logits (B, 1).
    recipe : losses.Recipe
    z_dim : int
        Length of a noise vector.
    device : str or torch.device

    Attributes
    ----------
    G_ema : module
        Running average of G's weights, always in eval mode; samples come from it. See Yazıcı et al.
        2019.
    opt_G, opt_D : torch.optim.Adam
    steps : int
        Steps of G made so far.
    """

    def __init__(self, G, D, recipe, z_dim, device="cpu"):
        self.G, self.D = G.to(device).train(), D.to(device).train()
        self.recipe, self.z_dim, self.device = recipe, z_dim, torch.device(device)
        # fused: one call for all weights, which on small networks saves more time than any layer
        # does
        betas = tuple(float(beta) for beta in recipe.betas)  # Adam refuses a whole 0
        self.opt_G = torch.optim.Adam(G.parameters(), recipe.lr_g, betas, fused=True)
        self.opt_D = torch.optim.Adam(D.parameters(), recipe.lr_d, betas, fused=True)
        self.G_ema = copy.deepcopy(self.G).eval().requires_grad_(False)
        self.steps = 0

    def sample_z(self, n):
        """Standard normal noise (n, z_dim), drawn on the CPU so that a seed means the same on every
        device.
        """
        return torch.randn(n, self.z_dim).to(self.device)

    @torch.no_grad()
    def sample(self, n, *labels):
        """`n` samples of the averaged generator, in eval mode, on the CPU.

        A conditional GAN needs `labels`, int64 (n,): the classes asked for.
        """
        check_labels(self.G, n, *labels)
        z, labels = self.sample_z(n), [part.to(self.device) for part in labels]
        pieces = [
            self.G_ema(*piece)
            for piece in zip(z.split(500), *(p.split(500) for p in labels), strict=True)
        ]
        return torch.cat(pieces).cpu()

    @torch.no_grad()
    def update_average(self):
        """Move G_ema towards G, by 1 - ema per step (faster in the first steps, when the past is
        worth little).
        """
        decay = min(self.recipe.ema, (1 + self.steps) / (10 + self.steps))
        averaged = [
            *self.G_ema.parameters(),
            *(b for b in self.G_ema.buffers() if b.is_floating_point()),
        ]
        current = [*self.G.parameters(), *(b for b in self.G.buffers() if b.is_floating_point())]
        if averaged:
            torch._foreach_lerp_(averaged, current, 1 - decay)
        self.steps += 1


def train_discriminator(gan, real, *labels):
    """One step of D on a real batch and as many fakes; G stays as it is. Returns the loss as a
    float.
    """
    with torch.no_grad():  # D's step needs no gradient in G
        fake = gan.G(gan.sample_z(len(real)), *labels)
    real_logits, fake_logits = gan.D(real, *labels), gan.D(fake, *labels)
    loss = gan.recipe.discriminator_loss(real_logits, fake_logits)
    loss = loss + gan.recipe.penalty(gan.D, real, fake, *labels)
    gan.opt_D.zero_grad()
    loss.backward()
    gan.opt_D.step()
    return loss.item()


def train_generator(gan, n, *labels):
    """One step of G on `n` fakes, through D, which stays as it is. Returns the loss as a float."""
    fake_logits = gan.D(gan.G(gan.sample_z(n), *labels), *labels)
    loss = gan.recipe.generator_loss(fake_logits)
    gan.opt_G.zero_grad()
    loss.backward(inputs=list(gan.G.parameters()))  # the gradient passes through D; only G keeps it
    gan.opt_G.step()
    gan.update_average()
    return loss.item()


def fit(gan, batches, steps, on_step=None, *, history=None, progress=True):
    """Train for `steps` steps of G, each after `recipe.d_steps` steps of D.

    Parameters
    ----------
    gan : GAN
    batches : endless iterator of (real,) or (real, labels), on the GAN's device
    steps : int
    on_step : function (step, gan, history), optional
        Called after every step; a run ends when it returns True.
    history : History, optional
        To go on with an earlier run; `storage.load_checkpoint` returns one.
    progress : bool
        Show a progress bar, then one line with the time and the last losses.

    Returns
    -------
    History
        Also after the stop button or Ctrl-C, and when a loss is no longer a number: then the
        networks go back to the last good state, a warning names the step, and `history.stopped`
        says what happened.
    """
    history = History() if history is None else history
    history.stopped = None
    first, start, before = len(history), time.perf_counter(), history.seconds
    good = snapshot(gan)
    bar = tqdm(
        total=steps,
        desc="training",
        unit="step",
        leave=False,
        disable=not progress,
        mininterval=0.25,
    )
    last_shown, look = start, None
    try:
        for step in range(first, first + steps):
            look = Look(gan) if step % EVERY == 0 else None
            for _ in range(gan.recipe.d_steps):
                real, *labels = next(batches)
                if step == first:
                    check_batch(gan, real, *labels)
                d_loss = train_discriminator(gan, real, *labels)
            g_loss = train_generator(gan, len(real), *labels)
            if not math.isfinite(d_loss + g_loss):
                history.stopped = (
                    f"step {step}: the loss of D is {d_loss:.3g} and that of G {g_loss:.3g}. The "
                    f"networks are back at "
                    f"step {good['steps']}; a smaller learning rate is the first thing to try."
                )
                restore(gan, good)
                warnings.warn(f"Training stopped at {history.stopped}", stacklevel=2)
                break
            history.d_loss.append(d_loss)
            history.g_loss.append(g_loss)
            if look:
                look.note(history, step, real)
            if gan.steps % 100 == 0:
                good = snapshot(gan) or good
            now = time.perf_counter()
            history.seconds = before + now - start
            if now - last_shown > 0.25:  # set_postfix costs more than a step of a small GAN
                bar.set_postfix(D=f"{d_loss:.2f}", G=f"{g_loss:.2f}", refresh=False)
                bar.update(step + 1 - first - bar.n)
                last_shown = now
            if on_step is not None and on_step(step, gan, history):
                history.stopped = f"step {step}: on_step asked to stop."
                break
    except KeyboardInterrupt:
        history.stopped = f"step {len(history)}: interrupted."
    finally:
        if look:
            look.close()
        bar.update(len(history) - first - bar.n)  # a bar that closes early stays, in red
        bar.close()
    if progress and history.d_loss:
        rate = (len(history) - first) / max(time.perf_counter() - start, 1e-9)
        print(
            f"{len(history)} steps in {history.seconds:.1f} s ({rate:.0f} steps/s); "
            f"last losses: D {history.d_loss[-1]:.2f}, G {history.g_loss[-1]:.2f}"
            + (f"; stopped at {history.stopped}" if history.stopped else "")
        )
    return history


def modules(gan):
    """The parts of a GAN that have a state, by name."""
    return {"G": gan.G, "D": gan.D, "G_ema": gan.G_ema, "opt_G": gan.opt_G, "opt_D": gan.opt_D}


def snapshot(gan):
    """A copy of the whole state in memory, or None where a weight is no longer finite."""
    weights = [*gan.G.parameters(), *gan.D.parameters()]
    if not all(w.isfinite().all() for w in weights):
        return None
    return {
        "steps": gan.steps,
        **{k: copy.deepcopy(m.state_dict()) for k, m in modules(gan).items()},
    }


def restore(gan, state):
    """Put a GAN back to a `snapshot`."""
    for name, module in modules(gan).items():
        module.load_state_dict(state[name])
    gan.steps = state["steps"]


def check_batch(gan, real, *labels):
    """Say in one sentence what is wrong with a batch, before a step fails somewhere inside a
    network.
    """
    if not isinstance(real, torch.Tensor):
        raise TypeError(
            f"A batch must be a tuple that starts with a tensor, not {type(real).__name__}."
        )
    if not real.is_floating_point():
        raise TypeError(
            f"The real batch has dtype {real.dtype}; float32 is needed: data.to_float scales "
            f"images to [-1, 1]."
        )
    if real.device.type != gan.device.type:
        raise ValueError(
            f"The real batch is on {real.device}, the GAN on {gan.device}: pass device= to "
            f"data.batches."
        )
    if not real.isfinite().all():
        raise ValueError("The real batch holds values that are not finite (nan or inf).")
    if real.ndim == 4 and real.abs().max() > 1:
        low, high = real.min().item(), real.max().item()
        raise ValueError(
            f"Images lie in [-1, 1], but these range from {low:.3g} to {high:.3g}: use "
            f"data.to_float."
        )
    if real.ndim == 4 and real.min() >= 0:
        warnings.warn(
            "These images have no negative values: [-1, 1] is expected, this looks like [0, 1].",
            stacklevel=3,
        )
    check_labels(gan.G, len(real), *labels)
    with torch.no_grad():
        fake = gan.G_ema(torch.zeros(len(real), gan.z_dim, device=gan.device), *labels)
    if fake.shape != real.shape:
        raise ValueError(
            f"Real samples have shape {tuple(real.shape[1:])}, but G makes {tuple(fake.shape[1:])}."
        )


def check_labels(G, n, *labels):
    """Labels are whole numbers 0 … n_classes - 1, one per sample; an unconditional G takes none."""
    n_classes = getattr(G, "n_classes", None)
    if n_classes is None:
        return  # unconditional, or a network of the learner's own that says nothing about classes
    if not labels:
        raise ValueError(
            "This GAN is conditional and needs labels: gan.sample(n, labels), and labels=True in "
            "data.batches."
        )
    labels = labels[0]
    if labels.shape != (n,) or labels.dtype != torch.int64:
        raise ValueError(
            f"labels must be int64 of shape ({n},), not {labels.dtype} of shape "
            f"{tuple(labels.shape)}."
        )
    if n and not 0 <= labels.min() <= labels.max() < n_classes:
        raise ValueError(
            f"labels must lie in 0 … {n_classes - 1}, but range from {labels.min()} to "
            f"{labels.max()}."
        )

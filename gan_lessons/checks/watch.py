"""A tiny GAN that keeps a record of one training step: what went into its networks, which gradients
came back to the logits, and what the optimisers did. The checkers of exercise 02 read it.
"""

import copy
import math

import torch
from torch import nn

from gan_lessons import losses, training
from gan_lessons.checks.core import Mistake

PLAYERS = ("G", "D", "G_ema")


class Call:
    """One call of a network: rows in, rows out, and the gradient that reached the output."""

    def __init__(self, x, out, training):
        self.x, self.out, self.grad, self.attached = x, out, None, x.requires_grad
        self.training = training

    def add(self, grad):
        self.grad = grad.detach().clone() + (0 if self.grad is None else self.grad)


class Watched(nn.Module):
    """A network for samples of one shape that remembers its calls."""

    def __init__(self, net, takes, what):
        super().__init__()
        self.net, self.takes, self.what = net, takes, what
        self.calls, self.log = [], None

    def forward(self, x):
        if not isinstance(x, torch.Tensor) or x.shape[-len(self.takes) :] != self.takes:
            got = tuple(x.shape) if isinstance(x, torch.Tensor) else type(x).__name__
            wanted = ", ".join(map(str, self.takes))
            raise Mistake(
                "wrong_input_shape",
                f"{self.what} got {got}; here it needs (n, {wanted}). Take the sizes from "
                "gan.z_dim and from the batch, and write no number into the step.",
            )
        single = x.ndim == len(self.takes)
        out = self.net(x[None] if single else x)
        call = Call(x.reshape(-1, *self.takes), out, self.net.training)
        self.calls.append(call)
        if out.requires_grad and self.log is not None:
            log = self.log

            def back(grad):
                call.add(grad)
                log.append("backward")

            out.register_hook(back)
        return out[0] if single else out

    def zero_grad(self, set_to_none=True):
        if self.log is not None:
            self.log.append("zero D" if "D" in self.what else "zero G")
        super().zero_grad(set_to_none)


def tiny_gan(seed, z_dim=3, shape=(2,), batch_norm=False):
    """A seeded GAN with two small watched networks; the logits of D spread over about -3 … 3."""
    torch.manual_seed(seed)
    size = math.prod(shape)
    norm = [nn.BatchNorm1d(16)] if batch_norm else []
    G = nn.Sequential(
        nn.Linear(z_dim, 16), *norm, nn.LeakyReLU(0.2), nn.Linear(16, size), nn.Tanh()
    )
    D = nn.Sequential(nn.Flatten(), nn.Linear(size, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
    with torch.no_grad():  # default weights are so small that all logits would be alike
        D[-1].weight.mul_(4)
        for layer in (G[0], G[-2], D[1]):
            layer.weight.mul_(2)
    G.append(nn.Unflatten(1, shape))
    G, D = Watched(G, (z_dim,), "The generator G"), Watched(D, shape, "The discriminator D")
    return training.GAN(G, D, losses.VANILLA, z_dim)


def flat(tensors):
    """Tensors as one vector; None counts as nothing."""
    return torch.cat([t.detach().flatten() for t in tensors if t is not None] or [torch.zeros(0)])


def gradients(module):
    """All gradients of a module as one vector, zeros where there is none."""
    return flat(torch.zeros_like(p) if p.grad is None else p.grad for p in module.parameters())


def parameters(module):
    return flat(module.parameters())


class Step:
    """Runs a learner's step once on a watched GAN and keeps what happened.

    Attributes
    ----------
    before : GAN
        A copy of the GAN as it was.
    output, error
        What the step returned or raised.
    log : list of str
        "zero G", "zero D", "backward", "step G", "step D" in the order in which they happened.
    at_step : dict
        The gradients of "G" and "D" when their optimiser made its last step.
    """

    def __init__(self, gan, answer, argument):
        for name in PLAYERS:
            getattr(gan, name).calls.clear()
        self.gan, self.before = gan, copy.deepcopy(gan)
        for name, old in (
            ("G", gan.G),
            ("D", gan.D),
        ):  # deepcopy leaves gradients out in some torch
            for p, q in zip(old.parameters(), getattr(self.before, name).parameters(), strict=True):
                q.grad = None if p.grad is None else p.grad.clone()
        self.log, self.at_step, self.output, self.error = [], {}, None, None
        handles = [self.watch(gan, "G"), self.watch(gan, "D")]
        try:
            self.output = answer(gan, argument)
        except (Mistake, NotImplementedError):
            raise
        except Exception as error:
            self.error = error
        else:
            check_grad_mode()
        finally:
            torch.set_grad_enabled(True)
            for handle in handles:
                handle.remove()
            for name in PLAYERS:
                getattr(gan, name).log = None
            for optimiser in (gan.opt_G, gan.opt_D):
                vars(optimiser).pop("zero_grad", None)
        self.calls = {name: list(getattr(gan, name).calls) for name in PLAYERS}
        for name in PLAYERS:
            getattr(gan, name).calls.clear()

    def watch(self, gan, name):
        """Write steps and zero_grad of one player into the log; returns the hook's handle."""
        module, optimiser = getattr(gan, name), getattr(gan, f"opt_{name}")
        module.log = self.log
        clear = optimiser.zero_grad

        def zero_grad(*args, **options):
            self.log.append(f"zero {name}")
            return clear(*args, **options)

        def keep():
            self.log.append(f"step {name}")
            self.at_step[name] = [
                None if p.grad is None else p.grad.detach().clone() for p in module.parameters()
            ]

        def about_to_step(_, args, options):
            closures = [part for part in (*args[1:], *options.values()) if callable(part)]
            if not closures:
                return keep()

            def closure():  # step(closure) computes the gradients inside the step
                loss = closures[0]()
                keep()
                return loss

            return (args[0], closure), {}

        optimiser.zero_grad = zero_grad
        return optimiser.register_step_pre_hook(about_to_step)

    def steps(self, name):
        """How many steps the optimiser of a player made."""
        return self.log.count(f"step {name}")

    def rows(self, name):
        """All rows that went into a network and came out: x, out, gradient at out, attached.

        `attached` tells for each row whether a gradient could flow back into it.
        """
        calls = self.calls[name]
        if not calls:
            return None
        x = torch.cat([c.x.detach().flatten(1) for c in calls])
        out = torch.cat([c.out.detach().flatten(1) for c in calls])
        grad = [torch.zeros_like(c.out) if c.grad is None else c.grad for c in calls]
        attached = [torch.full((len(c.x),), c.attached) for c in calls]
        return x, out, torch.cat([g.flatten(1) for g in grad]), torch.cat(attached)

    def replayed(self, name):
        """A player's weights after one step of its optimiser with the gradients that it had."""
        module = getattr(self.before, name)
        for p, grad in zip(module.parameters(), self.at_step[name], strict=True):
            p.grad = None if grad is None else grad.clone()
        getattr(self.before, f"opt_{name}").step()
        return parameters(module)


def check_grad_mode():
    """Gradients are on again after an answer."""
    if not torch.is_grad_enabled():
        raise Mistake(
            "gradients_switched_off",
            "After your function gradients are switched off for the whole program: "
            "torch.set_grad_enabled(False) stays. `with torch.no_grad():` ends with its block.",
        )


def matches(rows, candidates):
    """Which rows (N, d) stand among the candidates (M, d): (N, M), exact equality."""
    return (rows[:, None] == candidates[None]).all(-1)

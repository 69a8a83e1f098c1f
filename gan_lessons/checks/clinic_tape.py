"""What a training script did to a small GAN, and the gradients that it should have used.

The script gets batches from an iterator that opens a new page of the record with each batch. A page
holds the players as they were, their calls, and the gradients at each step of an optimiser.
"""

import copy
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import nn

from gan_lessons import losses, networks, training
from gan_lessons.checks.core import Mistake
from gan_lessons.checks.watch import check_grad_mode
from gan_lessons.clinic import ward


@dataclass
class Call:
    """One call of a network: what went in, with which labels, what came out, and in which mode."""

    x: torch.Tensor
    labels: torch.Tensor | None
    out: torch.Tensor
    training: bool
    grad: bool
    settled: bool  # no BatchNorm takes the batch's own statistics
    moment: int  # how many steps both players had made on this page


@dataclass
class Page:
    """What happened between one batch and the next."""

    real: torch.Tensor
    labels: torch.Tensor | None
    before: dict
    given: tuple = ()  # the tensors that the script got
    calls: dict = field(default_factory=lambda: {"G": [], "D": []})
    used: dict = field(default_factory=lambda: {"G": [], "D": []})  # gradients at each step
    after: dict = field(default_factory=dict)  # D as its step left it
    log: list = field(default_factory=list)  # "zero D", "backward", "step D", "average", …
    losses: dict = field(default_factory=dict)  # what each player's loss was

    def happened(self):
        return any(self.calls.values()) or any(self.used.values())


def tiny(kind, z_dim, seed):
    """A small GAN for points: "points", "bn_d" and "bn_g" with BatchNorm, or "labels"."""
    torch.manual_seed(seed)
    wide = 8 if kind == "labels" else 0
    G = networks.MLPGenerator(z_dim + wide, 2, 16)
    D = networks.MLPDiscriminator(2 + wide, 16)
    with torch.no_grad():  # default weights are so small that all logits would be alike
        D.net[0].weight.mul_(2)
        D.net[-1].weight.mul_(8)
    G = ward.with_batchnorm(G) if kind == "bn_g" else G
    D = ward.with_batchnorm(D) if kind == "bn_d" else D
    if kind == "labels":
        G, D = ward.Labelled(G), ward.Labelled(D)
    return training.GAN(G, D, losses.VANILLA, z_dim)


class Tape:
    """Runs a script on a small GAN and keeps a `Page` for each batch that it took."""

    def __init__(self, script, kind, steps, n=8, z_dim=3, seed=1):
        self.gan, self.kind, self.steps = tiny(kind, z_dim, seed), kind, steps
        self.n, self.pages, self.live = n, [], True
        self.generator = torch.Generator().manual_seed(seed)
        gan = self.gan
        hooks = [
            getattr(gan, name).register_forward_hook(self.heard(name), with_kwargs=True)
            for name in "GD"
        ]
        hooks += [
            getattr(gan, f"opt_{name}").register_step_pre_hook(self.about_to_step(name))
            for name in "GD"
        ]
        hooks.append(gan.opt_D.register_step_post_hook(self.stepped))
        self.noted(gan, "update_average", "average")
        for name in "GD":
            for part in (getattr(gan, name), getattr(gan, f"opt_{name}")):
                self.noted(part, "zero_grad", f"zero {name}")
        self.start = settings(gan)
        try:
            self.output = script(gan, self, steps)
            check_grad_mode()
        finally:
            torch.set_grad_enabled(True)
            self.live = False
            for hook in hooks:
                hook.remove()
        self.taken = len(self.pages)
        self.pages = [page for page in self.pages if page.happened()]

    def __iter__(self):
        return self

    def __next__(self):
        if len(self.pages) > 5 * self.steps + 10:
            raise Mistake(
                "never_stops",
                f"Your script took {len(self.pages)} batches when it was asked for {self.steps} "
                "steps. The batches never end: stop after `steps` of them.",
            )
        real = torch.randn(self.n, 2, generator=self.generator) + 1
        labels = torch.randint(8, (self.n,), generator=self.generator)
        given = (real.clone(), labels.clone())
        self.live = False
        before = {"G": copy.deepcopy(self.gan.G), "D": copy.deepcopy(self.gan.D)}
        self.live = True
        shown = labels if self.kind == "labels" else None
        self.pages.append(Page(real, shown, before, given))
        return given[:1] if shown is None else given

    def noted(self, owner, method, entry):
        """Write each call of a method into the log of the page."""
        original = getattr(owner, method)

        def noting(*args, **options):
            if self.live and self.pages:
                self.pages[-1].log.append(entry)
            return original(*args, **options)

        setattr(owner, method, noting)

    def heard(self, name):
        def hook(module, given, named, out):
            if not self.live or not self.pages:
                return
            x, *labels = [*given, *named.values()]
            page = self.pages[-1]
            if out.requires_grad:
                out.register_hook(lambda _: page.log.append("backward"))
            call = Call(
                x.detach().clone(),
                labels[0].clone() if labels else None,
                out.detach().clone(),
                all(part.training for part in module.modules()),
                out.requires_grad,
                not any(p.training for p in module.modules() if isinstance(p, nn.BatchNorm1d)),
                min(len(steps) for steps in page.used.values()),
            )
            page.calls[name].append(call)

        return hook

    def about_to_step(self, name):
        def hook(*_):
            if self.pages:
                self.pages[-1].used[name].append(flat_gradient(getattr(self.gan, name)))
                self.pages[-1].log.append(f"step {name}")

        return hook

    def stepped(self, *_):
        if self.pages:
            self.pages[-1].after["D"] = copy.deepcopy(self.gan.D)


def settings(gan):
    """What a script leaves alone: the kinds of layers, and the optimisers' numbers."""
    return {
        name: (
            [type(part).__name__ for part in getattr(gan, name).modules()],
            [
                {key: value for key, value in group.items() if key != "params"}
                for group in copy.deepcopy(getattr(gan, f"opt_{name}").param_groups)
            ],
        )
        for name in "GD"
    }


def flat_gradient(module):
    """All gradients of a module as one vector, zeros where there is none."""
    parts = [torch.zeros_like(p) if p.grad is None else p.grad for p in module.parameters()]
    return torch.cat([part.detach().flatten() for part in parts])


def gradient_of(loss, module):
    """The gradient of a loss by the weights of a module, as one vector; the graph stays."""
    parts = torch.autograd.grad(loss, list(module.parameters()), retain_graph=True)
    return torch.cat([part.flatten() for part in parts])


def mean_bce(logits, real):
    """Mean binary cross-entropy towards 1 (real) or 0."""
    return F.softplus(-logits if real else logits).mean()


def asked(x, labels):
    return (x,) if labels is None else (x, labels)


def d_losses(page, fake):
    """D's loss on a page for one set of fakes, and its wrong twins: name -> (loss, D)."""
    D = copy.deepcopy(page.before["D"]).train()
    real_logits = D(*asked(page.real, page.labels))
    fake_logits = D(*asked(fake.out, fake.labels))
    real, fakes = mean_bce(real_logits, True), mean_bce(fake_logits, False)
    twins = {
        "right": real + fakes,
        "no_fake_half": real,
        "no_real_half": fakes,
        "labels_swapped": mean_bce(real_logits, False) + mean_bce(fake_logits, True),
        "fake_called_real": real + mean_bce(fake_logits, True),
        "g_gradient_in_d": real + fakes + mean_bce(fake_logits, True),
        "g_loss_taken_away": real + fakes - mean_bce(fake_logits, True),
        "sigmoid_twice": mean_bce(real_logits.sigmoid(), True)
        + mean_bce(fake_logits.sigmoid(), False),
        "mean_of_logits": fake_logits.mean() - real_logits.mean(),
    }
    if page.labels is None and fake.out.shape == page.real.shape:
        mixed = D(torch.cat([page.real, fake.out])).chunk(2)
        twins["mixed_batch"] = mean_bce(mixed[0], True) + mean_bce(mixed[1], False)
    return {name: (loss, D) for name, loss in twins.items()}


def g_losses(page, call, D):
    """G's loss on a page for one call of G, and its wrong twins: name -> (loss, G)."""
    G, D = copy.deepcopy(page.before["G"]).train(), copy.deepcopy(D).train()
    fake = G(*asked(call.x, call.labels))
    logits = D(*asked(fake, call.labels))
    twins = {
        "right": mean_bce(logits, True),
        "d_gradient_in_g": mean_bce(logits, True) + mean_bce(logits, False),
        "saturating": -mean_bce(logits, False),
        "wrong_sign": mean_bce(logits, False),
        "sigmoid_twice": mean_bce(logits.sigmoid(), True),
        "mean_of_logits": -logits.mean(),
    }
    if page.labels is None and fake.shape == page.real.shape:
        mixed = D(torch.cat([page.real, fake])).chunk(2)[1]
        twins["mixed_batch"] = mean_bce(mixed, True)
    return {name: (loss, G) for name, loss in twins.items()}


def equal(a, b):
    """Whether two gradients are the same, up to 1 %."""
    return a.shape == b.shape and (a - b).norm() < 0.01 * b.norm()


def same_direction(a, b):
    """Whether two gradients point the same way: a factor of the loss makes no difference."""
    return a.shape == b.shape and F.cosine_similarity(a, b, dim=0).item() > 0.9995

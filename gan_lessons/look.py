"""A closer look at one training step: what `History` holds beside the losses."""

import math

import torch

EVERY = 20  # `fit` looks at every 20th step; more often would cost more than 1 % of its time


class Look:
    """A closer look at one step, by hooks on G and D: the step itself stays as it is, and draws no
    other random numbers. `note` writes what was seen into a history.
    """

    def __init__(self, gan):
        self.gan, self.made, self.judged = gan, [], []
        self.hooks = [
            gan.G.register_forward_hook(lambda _, given, out: self.made.append(out.detach())),
            gan.D.register_forward_hook(
                lambda _, given, out: self.judged.append((given[0].detach(), out.detach()))
            ),
        ]

    def close(self):
        """Take the hooks off again."""
        for hook in self.hooks:
            hook.remove()

    @torch.no_grad()
    def note(self, history, step, real):
        """Add one entry to each list of a history; `real` is the last batch that D learnt from."""
        self.close()
        fake = self.made[-2:][0]  # G's step makes the last fakes, D's the ones before
        history.at.append(step)
        history.d_real.append(self.answer(real))
        history.d_fake.append(self.answer(fake))
        history.d_grad.append(gradient_length(self.gan.D))
        history.g_grad.append(gradient_length(self.gan.G))
        spread, coverage = diversity(real, fake)
        history.spread.append(spread)
        history.coverage.append(coverage)

    def answer(self, samples):
        """D's mean probability on a batch, the first time it saw that; nan where it never did."""
        n = len(samples)
        for given, logits in self.judged:
            for part, answers in zip(given.split(n), logits.split(n), strict=True):
                if torch.equal(part, samples):
                    return answers.sigmoid().mean().item()
        return math.nan


def gradient_length(module):
    """Length of the gradient that a module's weights hold; 0 where they hold none."""
    held = [p.grad for p in module.parameters() if p.grad is not None]
    return torch.stack(torch._foreach_norm(held)).norm().item() if held else 0.0


def diversity(real, fake, k=5):
    """Spread and coverage of a batch of fakes, as `History` has them."""
    real, fake = real[:64].flatten(1), fake[:64].flatten(1)
    spread = (fake.var(0).sum() / real.var(0).sum()).sqrt().item()
    if len(real) <= k:
        return spread, math.nan
    radius = torch.cdist(real, real).kthvalue(k + 1).values  # the nearest one is the sample itself
    return spread, (torch.cdist(real, fake).amin(1) <= radius).float().mean().item()

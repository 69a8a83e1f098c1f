"""At which places did a gradient penalty ask the critic? From the points it saw."""

import torch

from gan_lessons.checks.core import Mistake, close

PLACES = "The places lie on the lines between: epsilon · real[i] + (1 - epsilon) · fake[i]. "


class Places:
    """The points that a critic saw, against the real samples and fakes they should lie between."""

    def __init__(self, seen, real, fake):
        self.real, self.fake = real, fake
        if not seen:
            raise Mistake(
                "critic_not_used",
                "Your function never called the critic that it was given.",
            )
        if len({len(x) for x in seen}) > 1 or len(seen[0]) < len(real):
            seen = [torch.cat(seen)]  # sample by sample, or in pieces
        self.seen = [x.to(real.dtype) for x in seen]

    def found(self):
        """The points between real and fake (B, ...), or a Mistake that says what they are."""
        others = [x for x in self.seen if not self.is_end(x)]
        if not others:
            self.name_end()
        points = others[-1]
        if len(points) != len(self.real):
            raise Mistake(
                "number_of_points",
                f"The critic was shown {len(points)} points for {len(self.real)} pairs. There is "
                "one point for each pair. " + PLACES,
            )
        t, off = self.place(points)
        if off:
            self.name_off(points)
        if len(t) > 1 and close(t, t[:1].expand_as(t)):
            self.name_single(t[0].item())
        if (t < -1e-3).any() or (t > 1 + 1e-3).any():
            raise Mistake(
                "beyond_the_ends",
                f"Your epsilons range from {t.min():.2f} to {t.max():.2f}. They should be uniform "
                "from 0 to 1: torch.rand, not torch.randn.",
            )
        return points

    def is_end(self, x):
        """Whether these are just the real samples, or just the fakes."""
        return close(x, self.real) or close(x, self.fake)

    def name_end(self):
        names = {"real": self.real, "fake": self.fake}
        which = [n for n, x in names.items() if any(close(s, x) for s in self.seen)]
        text = " and ".join(f"the {n} samples" for n in which)
        raise Mistake(
            "_and_".join(which) + "_only",
            f"You take the gradient at {text} themselves. " + PLACES + "epsilon is random.",
        )

    def place(self, points):
        """The place of each point on its line, (B,), and whether some lie on no line at all.

        Each point may lie on the line of any pair: shuffled fakes make lines as good.
        """
        x, r, f = (part.flatten(1).double() for part in (points, self.real, self.fake))
        t, off = self.on_lines(x, r, f)
        if off.any() and len(x) <= 16:
            pairs = torch.cartesian_prod(torch.arange(len(r)), torch.arange(len(f)))
            for i in off.nonzero()[:, 0].tolist():
                found, missed = self.on_lines(
                    x[i].expand(len(pairs), -1), r[pairs[:, 0]], f[pairs[:, 1]]
                )
                if (~missed).any():
                    t[i], off[i] = found[~missed][0], False
        return t, off.any().item()

    @staticmethod
    def on_lines(x, r, f):
        """Place on the line from fake (0) to real (1), and which points are off their line."""
        along = r - f
        t = ((x - f) * along).sum(1) / along.square().sum(1)
        rest = (x - f - t[:, None] * along).norm(dim=1)
        return t, rest > 1e-3 * (1 + along.norm(dim=1))

    def name_off(self, points):
        t = ((points - self.fake) / (self.real - self.fake)).flatten(1)
        if (t > -1e-3).all() and (t < 1 + 1e-3).all():
            whole = close(t, t[:1].expand_as(t))
            raise Mistake(
                "epsilon_per_feature",
                "Each number of a sample has its own epsilon"
                + (", shared by the whole batch" if whole else "")
                + ", so the points leave the lines between real and fake. Draw one epsilon for "
                "each sample, of shape (B, 1, …, 1), not torch.rand_like(real).",
            )
        if close(points, self.real + self.fake):
            text = "You add real and fake without weights. "
        elif close(points, self.fake - self.real) or close(points, self.real - self.fake):
            text = "You show the critic the difference of real and fake. "
        else:
            text = "Your points do not lie on the lines between real[i] and fake[i]. "
        raise Mistake(
            "off_the_lines",
            text + PLACES + "Do the two weights add up to 1, and is it one epsilon a sample?",
        )

    @staticmethod
    def name_single(t):
        if abs(t - 0.5) < 1e-3:
            text = "All points lie in the middle between real and fake: epsilon is fixed at one "
            raise Mistake("fixed_epsilon", text + "half. Draw it at random, one for each sample.")
        raise Mistake(
            "one_epsilon",
            f"All samples share one epsilon, {t:.3f}. Draw one for each sample, of shape "
            "(B, 1, …, 1): torch.rand(len(real), …).",
        )

    def spread(self):
        """The places of many samples fill the whole line from 0 to 1 evenly."""
        points = next(x for x in reversed(self.seen) if not self.is_end(x))
        t, off = self.place(points)
        if off:
            return  # shuffled pairs: too many lines to look for the right ones
        t = t.sort().values
        even = (torch.arange(len(t)) + 0.5) / len(t)
        if (t - even).abs().max() > 0.1:
            quarters = ", ".join(f"{q:.2f}" for q in t[[len(t) // 4, len(t) // 2, -len(t) // 4]])
            raise Mistake(
                "not_uniform",
                f"Your epsilons are not uniform from 0 to 1: a quarter, a half and three quarters "
                f"of them lie below {quarters}. torch.rand draws them.",
            )

"""Exercise 13: its tasks, with their checkers, hints and praise."""

from gan_lessons.checks.core import Exercise
from gan_lessons.checks.simulation_copula import examine_gaussian_copula
from gan_lessons.checks.simulation_memory import examine_absolute_acf
from gan_lessons.checks.simulation_risk import examine_risk_measures
from gan_lessons.checks.simulation_sampling import examine_block_bootstrap
from gan_lessons.checks.simulation_training import examine_training_by_sampling

EXERCISES = {
    "risk_measures": Exercise(
        examine_risk_measures,
        (
            "Write the losses down, the largest first. VaR and ES are about the first k of them.",
            "losses = (-returns).sort(descending=True).values; k = round(level * len(returns)).",
            "return losses[k - 1].item(), losses[:k].mean().item()",
        ),
        "VaR says where the tail begins, ES how bad it is inside.",
    ),
    "absolute_acf": Exercise(
        examine_absolute_acf,
        (
            "First a = |r| minus one mean over everything. Then pairs of days, lag apart.",
            "a[:, lag:] and a[:, :-lag] are the later and the earlier days of all pairs; none "
            "crosses the border of a window.",
            "a = windows.abs() - windows.abs().mean(); "
            "(a[:, lag:] * a[:, :-lag]).mean() / a.square().mean()",
        ),
        "Returns hardly foretell returns, but their size foretells size.",
    ),
    "block_bootstrap": Exercise(
        examine_block_bootstrap,
        (
            "How many blocks does a window need? Draw a start for each, for all windows at once.",
            "starts: torch.randint(len(returns) - block + 1, (n, blocks, 1)), since randint leaves "
            "the upper end out. Adding torch.arange(block) gives all places.",
            "returns[starts + torch.arange(block)].flatten(1)[:, :days], with "
            "blocks = -(-days // block)",
        ),
        "What happens within a block is kept, what goes over its seams is lost.",
    ),
    "gaussian_copula": Exercise(
        examine_gaussian_copula,
        (
            "Three steps: ranks to normal scores, a normal distribution with their correlations, "
            "and back: from normal numbers to ranks to the table's values.",
            "Scores: ndtri((rank + 0.5) / N). Rows: torch.randn(n, C) @ L.T with L = "
            "torch.linalg.cholesky(correlation). Ranks: (ndtr(z) * N).long().",
            "rank = table.argsort(0).argsort(0); s = torch.special.ndtri((rank + 0.5) / len(table))"
            "; z = torch.randn(n, C, dtype=s.dtype) @ torch.linalg.cholesky(torch.corrcoef(s.T)).T;"
            " table.sort(0).values.gather(0, (torch.special.ndtr(z) * len(table)).long()"
            ".clamp(max=len(table) - 1))",
        ),
        "Any margins, one kind of dependence: the normal one.",
    ),
    "training_by_sampling": Exercise(
        examine_training_by_sampling,
        (
            "Two draws for each pick: a category, then one of its rows. Or one draw of rows, if "
            "the rows of a category share its chance.",
            "labels.unique(return_inverse=True, return_counts=True) gives the category of each "
            "row, without gaps, and the counts.",
            "chance = (counts.double().log1p() / counts)[which]; "
            "torch.multinomial(chance, n, replacement=True)",
        ),
        "The rare are seen more often than they are, the frequent less, none equally.",
    ),
}

"""Checkers of exercise 16: the precision of an alarm from a base rate, and AUC with ties."""

import torch

from gan_lessons.checks.core import Mistake
from gan_lessons.checks.deepfakes_calls import call, first_difference, name, number, same

RATES = ((0.001, 0.9, 0.01), (0.5, 0.8, 0.1), (0.2, 0.6, 0.05), (0.03, 0.75, 0.02))


def bayes(base_rate, recall, false_alarm_rate):
    right = base_rate * recall
    return right / (right + (1 - base_rate) * false_alarm_rate)


PRECISION = {
    "recall": (
        lambda b, r, f: r,
        "That is the recall: the chance of an alarm, given a fake. Asked for is the chance of a "
        "fake, given an alarm.",
    ),
    "one_minus_false_alarms": (
        lambda b, r, f: 1 - f,
        "That is 1 minus the false-alarm rate: the share of real images that raise no alarm. It "
        "says nothing yet about the images that do.",
    ),
    "base_rate_ignored": (
        lambda b, r, f: r / (r + f),
        "The base rate does not enter, as if half of all images were fakes.",
    ),
    "base_rate_swapped": (
        lambda b, r, f: (1 - b) * r / ((1 - b) * r + b * f),
        "base_rate is the share of fakes, so it belongs to the recall; 1 - base_rate belongs to "
        "the false alarms.",
    ),
    "false_alarms_not_weighted": (
        lambda b, r, f: b * r / (b * r + f),
        "The false alarms are not weighted: only the share 1 - base_rate of all images is real.",
    ),
    "numerator_not_weighted": (
        lambda b, r, f: r / (b * r + (1 - b) * f),
        "The numerator is not weighted by the base rate, so that the result can exceed 1.",
    ),
    "accuracy": (
        lambda b, r, f: b * r + (1 - b) * (1 - f),
        "That is the accuracy over all images. With few fakes it is high for every detector that "
        "stays silent.",
    ),
    "alarm_rate": (
        lambda b, r, f: b * r + (1 - b) * f,
        "That is the share of images that raise an alarm: the denominator. Divide the right "
        "alarms by it.",
    ),
    "right_alarms": (
        lambda b, r, f: b * r,
        "That is the share of right alarms among all images. Divide it by the share of all alarms.",
    ),
    "wrong_share": (
        lambda b, r, f: (1 - b) * f / (b * r + (1 - b) * f),
        "That is the share of alarms that are wrong: 1 minus the one asked for.",
    ),
    "silent_side": (
        lambda b, r, f: (1 - b) * (1 - f) / ((1 - b) * (1 - f) + b * (1 - r)),
        "That is the share of real images among those without an alarm.",
    ),
    "odds": (
        lambda b, r, f: b * r / ((1 - b) * f),
        "Those are the odds, right alarms over wrong ones. Divide by all alarms, the right ones "
        "included.",
    ),
    "rates_swapped": (
        lambda b, r, f: b * f / (b * f + (1 - b) * r),
        "recall and false_alarm_rate are exchanged; the order is (base_rate, recall, "
        "false_alarm_rate).",
    ),
    "false_alarms_inverted": (
        lambda b, r, f: b * r / (b * r + (1 - b) * (1 - f)),
        "You take false_alarm_rate for the share of real images that pass. It is the share that "
        "raises an alarm.",
    ),
    "misses_for_false_alarms": (
        lambda b, r, f: b * r / (b * r + (1 - b) * (1 - r)),
        "You use 1 - recall as the false-alarm rate. The two have nothing to do with each other.",
    ),
    "rounded": (
        lambda b, r, f: round(bayes(b, r, f), 2),
        "The result is rounded; return it as it is.",
    ),
    "per_cent": (
        lambda b, r, f: 100 * bayes(b, r, f),
        "That is in per cent; a share from 0 to 1 is asked for.",
    ),
}


def examine_alarm_precision(answer):
    """Bayes' formula, and 0 where there are no alarms."""
    names, what = ("base_rate", "recall", "false_alarm_rate"), "The precision"
    outputs = [number(call(answer, case, names), what) for case in RATES]
    expected = [torch.tensor(bayes(*case)).double() for case in RATES]
    if not same(outputs, expected):
        i = first_difference(outputs, expected)
        b, r, f = RATES[i]
        said = (
            f"With base rate {b:g}, recall {r:g} and false-alarm rate {f:g} yours is "
            f"{outputs[i]:.4f}; it should be {expected[i]:.4f}. "
        )
        name(outputs, RATES, PRECISION, said)
        raise Mistake(
            "other_formula",
            f"{said}Right alarms are base_rate · recall of all images, wrong alarms "
            "(1 - base_rate) · false_alarm_rate. Precision: right ones over both.",
        )
    for case, right in (((0.0, 0.8, 0.1), 0.0), ((1.0, 0.8, 0.1), 1.0), ((0.3, 0.5, 0.0), 1.0)):
        found = number(call(answer, case, names), what)
        if abs(found - right) > 1e-4:
            raise Mistake(
                "extremes", f"With {case} the precision is {right:g}, but yours is {found:.4f}."
            )
    no_alarms = (0.3, 0.0, 0.0)
    try:
        found = number(call(answer, no_alarms, names), what)
    except Mistake as mistake:
        if mistake.id not in ("not_finite", "division_by_zero"):
            raise
        found = None
    if found is None or found != 0:
        said = "stops or gives nan" if found is None else f"gives {found:g}"
        raise Mistake(
            "no_alarms",
            f"Where recall and false-alarm rate are both 0 there are no alarms, and your function "
            f"{said}. The text asks for 0 there.",
        )


def pairs(real, fake, ties=0.5):
    """Each fake against each real image: 1 where it scores higher, `ties` where equal."""
    return (fake[:, None] > real).double() + ties * (fake[:, None] == real)


def by_rank(real, fake, offset):
    """From mean ranks that start at 1, with another correction than m (m + 1) / 2."""
    both, m = torch.cat([real, fake]), len(fake)
    rank = ((both[:, None] > both).sum(1) + (both[:, None] >= both).sum(1) + 1) / 2
    return (rank[len(real) :].sum() - offset(m)) / (m * len(real))


AUC = {
    "swapped": (
        lambda r, f: pairs(f, r).mean(),
        "Real and fake are exchanged: a high score means fake, so AUC counts the pairs in which "
        "the fake scores higher.",
    ),
    "ties_count_full": (
        lambda r, f: pairs(r, f, 1.0).mean(),
        "Ties count as won (≥). A pair of equal scores counts one half.",
    ),
    "ties_count_nothing": (
        lambda r, f: pairs(r, f, 0.0).mean(),
        "Ties count as lost (>). A pair of equal scores counts one half.",
    ),
    "ties_left_out": (
        lambda r, f: (fake_wins := pairs(r, f, 0.0).sum()) / (fake_wins + pairs(f, r, 0.0).sum()),
        "Tied pairs are left out of the count. Each counts one half, in a mean over all N · M.",
    ),
    "folded": (
        lambda r, f: max(pairs(r, f).mean(), 1 - pairs(r, f).mean()),
        "You take the larger of AUC and 1 - AUC. Below one half is an answer, too: the detector "
        "is wrong more often than a coin.",
    ),
    "gini": (
        lambda r, f: 2 * pairs(r, f).mean() - 1,
        "That is 2 · AUC - 1 (Gini); a coin would have 0. Return AUC, where a coin has 0.5.",
    ),
    "count": (
        lambda r, f: pairs(r, f).sum(),
        "That is a count of pairs. Divide by the number of pairs, N · M.",
    ),
    "count_of_wins": (
        lambda r, f: pairs(r, f, 0.0).sum(),
        "That is a count of pairs. Divide by N · M; and a tie counts one half.",
    ),
    "count_with_ties": (
        lambda r, f: pairs(r, f, 1.0).sum(),
        "That is a count of pairs. Divide by N · M; and a tie counts one half.",
    ),
    "wrong_total": (
        lambda r, f: pairs(r, f).sum() / len(f) ** 2,
        "You divide by M²; there are N · M pairs.",
    ),
    "wrong_total_real": (
        lambda r, f: pairs(r, f).sum() / len(r) ** 2,
        "You divide by N²; there are N · M pairs.",
    ),
    "pairs_in_order": (
        lambda r, f: pairs(r[: len(f)], f[: len(r)]).diagonal().mean(),
        "You compare the first fake with the first real image, the second with the second, and so "
        "on. Compare each fake with every real image.",
    ),
    "pairs_in_order_without_ties": (
        lambda r, f: pairs(r[: len(f)], f[: len(r)], 0.0).diagonal().mean(),
        "You compare the first fake with the first real image, the second with the second, and so "
        "on. Compare each fake with every real image; a tie counts one half.",
    ),
    "against_the_mean": (
        lambda r, f: pairs(r.mean()[None], f).mean(),
        "You compare the fakes with the mean score of the real images. Compare with each.",
    ),
    "against_the_median": (
        lambda r, f: pairs(r.median()[None], f).mean(),
        "You compare the fakes with the median score of the real images. Compare with each.",
    ),
    "difference_of_means": (
        lambda r, f: f.mean() - r.mean(),
        "That is the difference of the mean scores, which depends on their scale. Count pairs.",
    ),
    "accuracy": (
        lambda r, f: torch.cat([f > 0, r <= 0]).double().mean(),
        "That is the accuracy at the threshold 0. AUC has no threshold: it compares pairs.",
    ),
    "balanced_accuracy": (
        lambda r, f: ((f > 0).double().mean() + (r <= 0).double().mean()) / 2,
        "That is the balanced accuracy at the threshold 0. AUC has no threshold.",
    ),
    "recall": (
        lambda r, f: (f > 0).double().mean(),
        "That is the share of fakes above 0. AUC has no threshold: it compares pairs.",
    ),
    "rank_correction_missing": (
        lambda r, f: by_rank(r, f, lambda m: 0),
        "From the sum of the fakes' ranks, take M (M + 1) / 2 away: the ranks that they would have "
        "if all were lowest.",
    ),
    "rank_correction": (
        lambda r, f: by_rank(r, f, lambda m: m * (m - 1) / 2),
        "The ranks start at 1, so the correction is M (M + 1) / 2; yours is M (M - 1) / 2.",
    ),
    "ranks_from_0": (
        lambda r, f: by_rank(r, f, lambda m: m * (m + 1) / 2 + m),
        "Your ranks start at 0, but the correction M (M + 1) / 2 is for ranks from 1.",
    ),
    "per_cent": (
        lambda r, f: 100 * pairs(r, f).mean(),
        "That is in per cent; a share from 0 to 1 is asked for.",
    ),
}


def score_cases():
    """Scores with and without ties, of unequal numbers; in one case the fakes score lower."""
    draw = torch.Generator().manual_seed(5)
    cases = []
    for n, m, shift, levels in ((9, 7, 0.7, 2), (6, 11, -0.8, None), (12, 5, 0.3, 1)):
        r, f = torch.randn(n, generator=draw), torch.randn(m, generator=draw) + shift
        if levels:
            r, f = (r * levels).round() / levels, (f * levels).round() / levels
        cases.append((r, f))
    return cases


def examine_detector_auc(answer):
    """The share of won pairs, with half a point for a tie."""
    names, cases = ("real_scores", "fake_scores"), score_cases()
    outputs = [number(call(answer, case, names), "AUC") for case in cases]
    expected = [pairs(*case).mean() for case in cases]
    if same(outputs, expected):
        return
    i = first_difference(outputs, expected)
    ties = "" if i == 1 else " with ties"
    said = (
        f"For {len(cases[i][0])} real and {len(cases[i][1])} fake scores{ties}, yours "
        f"is {outputs[i]:.3f}; it should be {expected[i]:.3f}. "
    )
    name(outputs, cases, AUC, said)
    if same(outputs[1:2], expected[1:2]):
        raise Mistake(
            "ties", f"{said}Without ties it is right: a pair of equal scores counts one half."
        )
    raise Mistake(
        "other_formula",
        f"{said}AUC is the share of all N · M pairs (real, fake) in which the fake has the higher "
        "score; a tie counts one half.",
    )

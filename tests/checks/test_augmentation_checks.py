"""Right answers of exercise 12 in many forms pass; catalogued mistakes are rejected and named."""

import statistics

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import stats

from gan_lessons import checks, metrics
from gan_lessons.checks.augmentation_interval import TWINS
from gan_lessons.protocols import images as protocol


def status(name, answer):
    result = checks.check(name, answer)
    return result.mistake or result.status


# ---- paired_interval


def by_scipy(a, b):
    found = stats.ttest_rel(a, b).confidence_interval(0.95)
    return float((a - b).mean()), found.low, found.high


def by_numpy(a, b):
    d = a.numpy() - b.numpy()
    low, high = stats.t.interval(0.95, len(d) - 1, loc=d.mean(), scale=stats.sem(d))
    return np.array([d.mean(), low, high])


def by_lists(a, b):
    d = [float(x) - float(y) for x, y in zip(a, b, strict=True)]
    reach = stats.t.ppf(0.975, len(d) - 1) * statistics.stdev(d) / len(d) ** 0.5
    return [statistics.mean(d), statistics.mean(d) - reach, statistics.mean(d) + reach]


def by_package(a, b):
    return metrics.confidence_interval(a - b)


@pytest.mark.parametrize("answer", [by_scipy, by_numpy, by_lists, by_package])
def test_right_intervals_pass(answer):
    assert status("paired_interval", answer) == "passed"


@pytest.mark.parametrize("id", TWINS)
def test_wrong_intervals_are_named(id):
    twin = TWINS[id][0]
    assert status("paired_interval", lambda a, b: twin(a, b)) == id


def test_intervals_of_other_forms_are_named():
    right = by_lists
    assert status("paired_interval", lambda a, b: None) == "not attempted"
    assert status("paired_interval", lambda a, b: right(a, b)[0]) == "not_three_numbers"
    assert status("paired_interval", lambda a, b: right(a, b)[1:]) == "not_three_numbers"
    assert status("paired_interval", lambda a: right(a, a)) == "wrong_arguments"
    assert status("paired_interval", lambda a, b: right(a.sub_(b), 0 * b)) == "changes_inputs"
    wide = lambda a, b: (right(a, b)[0], 0.0, 1.0)  # noqa: E731
    assert status("paired_interval", wide) == "other_reach"
    assert status("paired_interval", 3) == "not_a_function"


# ---- interpolate_class


def between(images, labels, n, u=None, draw=None, itself=False, keep=lambda own: own):
    made, classes = [], []
    for k in labels.unique():
        own = keep(images[labels == k])
        first = torch.randint(len(own), (n,))
        second = (first + torch.randint(0 if itself else 1, len(own), (n,))) % len(own)
        share = torch.rand(n, 1, 1, 1) if u is None else u(n, own)
        made.append(own[first] + share * (own[second] - own[first]))
        classes.append(torch.full((n,), int(k)))
    return torch.cat(made), torch.cat(classes)


def by_rows(images, labels, n):
    """One image at a time, in turn through the classes, in numpy."""
    made, classes = [], []
    for _ in range(n):
        for k in sorted(set(labels.tolist())):
            own = images[labels == k].numpy()
            i, j = np.random.choice(len(own), 2, replace=False)
            u = np.random.rand()
            made.append((1 - u) * own[i] + u * own[j])
            classes.append(k)
    return torch.from_numpy(np.stack(made)), torch.tensor(classes)


def mixed_up(images, labels, n):
    made, classes = between(images, labels, n)
    order = torch.randperm(len(made))
    return made[order], classes[order]


@pytest.mark.parametrize("answer", [between, by_rows, mixed_up, protocol.interpolate])
@pytest.mark.parametrize("seed", range(3))
def test_right_interpolations_pass(answer, seed):
    torch.manual_seed(seed)
    np.random.seed(seed)
    assert status("interpolate_class", answer) == "passed"


def all_classes(images, labels, n):
    made, classes = between(images, labels * 0, n * len(labels.unique()))
    return made, labels.unique().repeat_interleave(n)


def float_labels(images, labels, n):
    made, classes = between(images, labels, n)
    return made, classes.float()


def shuffled_images(images, labels, n):
    made, classes = between(images, labels, n)
    return made[torch.randperm(len(made))], classes


def seeded(images, labels, n):
    torch.manual_seed(4)
    return between(images, labels, n)


def in_place(images, labels, n):
    images += 0.1
    return between(images, labels, n)


def ten_classes(images, labels, n):
    made, _ = between(images, labels, n)
    return torch.cat([made, made])[: 10 * n], torch.arange(10).repeat_interleave(n)[: 6 * n]


def noisy(images, labels, n):
    made, classes = between(images, labels, n)
    return made + 0.02 * torch.randn_like(made), classes


def mean_of_all(images, labels, n):
    kinds = labels.unique()
    weights = [torch.rand(n, int((labels == k).sum())) for k in kinds]
    parts = [
        w / w.sum(1, keepdim=True) @ images[labels == k].flatten(1)
        for w, k in zip(weights, kinds, strict=True)
    ]
    return torch.cat(parts).view(-1, *images.shape[1:]), kinds.repeat_interleave(n)


WRONG_BETWEEN = {
    "mixes_classes": all_classes,
    "labels_do_not_follow": shuffled_images,
    "one_u_per_pixel": lambda x, y, n: between(
        x, y, n, u=lambda n, own: torch.rand(n, *own.shape[1:])
    ),
    "one_u_for_all": lambda x, y, n: between(x, y, n, u=lambda n, own: torch.rand(1)),
    "always_the_middle": lambda x, y, n: between(x, y, n, u=lambda n, own: 0.5),
    "beyond_the_ends": lambda x, y, n: between(x, y, n, u=lambda n, own: torch.randn(n, 1, 1, 1)),
    "copies": lambda x, y, n: between(x, y, n, u=lambda n, own: 0.0),
    "partner_is_itself": lambda x, y, n: between(x, y, n, itself=True),
    "one_pair_only": lambda x, y, n: between(x, y, n, keep=lambda own: own[:2]),
    "u_not_uniform": lambda x, y, n: between(x, y, n, u=lambda n, o: 0.1 * torch.rand(n, 1, 1, 1)),
    "n_in_total": lambda x, y, n: tuple(part[:n] for part in between(x, y, n)),
    "shape": lambda x, y, n: (between(x, y, n)[0].flatten(1), between(x, y, n)[1]),
    "float_labels": float_labels,
    "label_shape": lambda x, y, n: (between(x, y, n)[0], between(x, y, n)[1][:, None]),
    "counts": lambda x, y, n: (between(x, y, n)[0], y[torch.randint(len(y), (3 * n,))]),
    "not_a_pair": lambda x, y, n: between(x, y, n)[0],
    "no_chance": seeded,
    "changes_inputs": in_place,
    "noise_added": noisy,
    "not_on_a_line": mean_of_all,
    "not attempted": lambda x, y, n: None,
}


@pytest.mark.parametrize("id", WRONG_BETWEEN)
def test_wrong_interpolations_are_named(id):
    assert status("interpolate_class", WRONG_BETWEEN[id]) == id


def test_ten_classes_fixed_is_rejected():
    assert status("interpolate_class", ten_classes) == "shape"


# ---- random_shift


def windows(images, reach, value=-1.0, draw=None, mode="constant"):
    n, _, h, w = images.shape
    by = (reach,) * 4
    padded = F.pad(images, by, value=value) if mode == "constant" else F.pad(images, by, mode=mode)
    corners = torch.randint(0, 2 * reach + 1, (2, n)) if draw is None else draw(n, reach)
    top, left = corners.tolist()
    parts = [p[:, i : i + h, j : j + w] for p, i, j in zip(padded, top, left, strict=True)]
    return torch.stack(parts)


def by_grid(images, reach):
    n, _, h, w = images.shape
    step = torch.randint(-reach, reach + 1, (n, 2)).float()
    theta = torch.eye(2, 3).repeat(n, 1, 1)
    theta[:, :, 2] = 2 * step / torch.tensor([w, h])
    grid = F.affine_grid(theta, images.shape, align_corners=False)
    return F.grid_sample(images + 1, grid, align_corners=False) - 1


def by_roll(images, reach):
    parts = []
    for image in F.pad(images, (reach,) * 4, value=-1.0):
        down, right = torch.randint(-reach, reach + 1, (2,)).tolist()
        parts.append(image.roll((down, right), (1, 2))[:, reach:-reach, reach:-reach])
    return torch.stack(parts)


@pytest.mark.parametrize("answer", [windows, by_grid, by_roll, protocol.shift])
@pytest.mark.parametrize("seed", range(3))
def test_right_shifts_pass(answer, seed):
    torch.manual_seed(seed)
    assert status("random_shift", answer) == "passed"


def rolled(images, reach):
    parts = [i.roll(torch.randint(-reach, reach + 1, (2,)).tolist(), (1, 2)) for i in images]
    return torch.stack(parts)


def fractions(images, reach):
    n, _, h, w = images.shape
    theta = torch.eye(2, 3).repeat(n, 1, 1)
    theta[:, :, 2] = (torch.rand(n, 2) * 2 - 1) * reach * 2 / torch.tensor([w, h])
    grid = F.affine_grid(theta, images.shape, align_corners=False)
    return F.grid_sample(images + 1, grid, align_corners=False) - 1


def seeded_shift(images, reach):
    torch.manual_seed(1)
    return windows(images, reach)


def in_place_shift(images, reach):
    with torch.no_grad():
        images.copy_(windows(images, reach))
    return images


def half_detached(images, reach):
    out = windows(images, reach)
    return 0.5 * out + 0.5 * out.detach()


def draws(low, high):
    return lambda n, reach: torch.randint(low(reach), high(reach), (2, n))


def first_only(n, reach):
    return torch.stack([torch.randint(0, 2 * reach + 1, (n,)), torch.full((n,), reach)])


WRONG_SHIFTS = {
    "wraps_around": rolled,
    "fills_with_zero": lambda x, r: windows(x, r, value=0.0),
    "fills_with_edge": lambda x, r: windows(x, r, mode="replicate"),
    "fills_with_mirror": lambda x, r: windows(x, r, mode="reflect"),
    "fills_with_white": lambda x, r: windows(x, r, value=1.0),
    "parts_of_a_pixel": fractions,
    "one_shift_for_all": lambda x, r: windows(x, r, draw=lambda n, r: torch.zeros(2, n).long()),
    "does_nothing": lambda x, r: x.clone(),
    "end_left_out": lambda x, r: windows(x, r, draw=draws(lambda r: 0, lambda r: 2 * r)),
    "one_direction_only": lambda x, r: windows(x, r, draw=draws(lambda r: r, lambda r: 2 * r + 1)),
    "one_axis_only": lambda x, r: windows(x, r, draw=first_only),
    "axes_tied": lambda x, r: windows(
        x, r, draw=lambda n, r: torch.randint(0, 2 * r + 1, (1, n)).repeat(2, 1)
    ),
    "too_far": lambda x, r: windows(x, r + 1),
    "some_shifts_missing": lambda x, r: windows(
        x, r, draw=lambda n, r: 2 * r * torch.randint(0, 2, (2, n))
    ),
    "shape": lambda x, r: F.pad(x, (r,) * 4, value=-1.0),
    "no_gradient": lambda x, r: windows(x, r).detach(),
    "wrong_gradient": half_detached,
    "no_chance": seeded_shift,
    "changes_inputs": in_place_shift,
    "wrong_type": lambda x, r: windows(x.detach(), r).numpy(),
    "not_a_shift": lambda x, r: windows(x, r).flip(3),
    "not attempted": lambda x, r: None,
}


@pytest.mark.parametrize("id", WRONG_SHIFTS)
def test_wrong_shifts_are_named(id):
    assert status("random_shift", WRONG_SHIFTS[id]) == id


# ---- fair_comparison


def fair(draw, make, classify, splits, tested=None, show=lambda plain, helped: (plain, helped)):
    plain, helped = [], []
    for seed in splits:
        (x, y), (tx, ty) = draw(seed)
        made, classes = make(x, y)
        for arm, part in (
            (plain, (x, y)),
            (helped, (torch.cat([x, made]), torch.cat([y, classes]))),
        ):
            arm.append((classify(*part, tx) == ty).float().mean().item())
    return show(plain, helped)


def shuffling(draw, make, classify, splits):
    """Mixed order inside the sets, numpy, draws twice, tensors at the end."""
    rows = []
    for seed in splits:
        train, test = draw(seed)
        order = torch.randperm(len(train[1]))
        base = np.mean((classify(train[0][order], train[1][order], test[0]) == test[1]).numpy())
        train, test = draw(seed)
        made = make(*train)
        x, y = torch.cat([made[0], train[0]]), torch.cat([made[1], train[1]])
        rows.append((base, np.mean((classify(x, y, test[0]) == test[1]).numpy())))
    return torch.tensor(np.array(rows)).T


@pytest.mark.parametrize("answer", [fair, shuffling])
def test_right_comparisons_pass(answer):
    assert status("fair_comparison", answer) == "passed"


def protocol(step):
    """A comparison whose split is handled by `step`, which returns two accuracies."""

    def answer(draw, make, classify, splits):
        def accuracy(part, test):
            return (classify(*part, test[0]) == test[1]).float().mean().item()

        pairs = [step(seed, draw, make, accuracy, splits) for seed in splits]
        return [p for p, _ in pairs], [h for _, h in pairs]

    return answer


def join(a, b):
    return torch.cat([a[0], b[0]]), torch.cat([a[1], b[1]])


@protocol
def leak_to_maker(seed, draw, make, accuracy, splits):
    train, test = draw(seed)
    return accuracy(train, test), accuracy(join(train, make(*join(train, test))), test)


@protocol
def leak_to_classifier(seed, draw, make, accuracy, splits):
    train, test = draw(seed)
    return accuracy(join(train, test), test), accuracy(join(train, make(*train)), test)


@protocol
def on_training_images(seed, draw, make, accuracy, splits):
    train, test = draw(seed)
    return accuracy(train, train), accuracy(join(train, make(*train)), train)


@protocol
def made_alone(seed, draw, make, accuracy, splits):
    train, test = draw(seed)
    return accuracy(train, test), accuracy(make(*train), test)


@protocol
def other_seeds(seed, draw, make, accuracy, splits):
    (train, test), (other, other_test) = draw(seed), draw(seed + 1)
    return accuracy(train, test), accuracy(join(other, make(*other)), other_test)


@protocol
def splits_missing(seed, draw, make, accuracy, splits):
    train, test = draw(splits[0])
    return accuracy(train, test), accuracy(join(train, make(*train)), test)


@protocol
def splits_mixed(seed, draw, make, accuracy, splits):
    train, test = draw(seed)
    return accuracy(train, test), accuracy(join(train, make(*draw(splits[0])[0])), test)


@protocol
def no_baseline(seed, draw, make, accuracy, splits):
    train, test = draw(seed)
    both = accuracy(join(train, make(*train)), test)
    return both, both


@protocol
def nothing_made(seed, draw, make, accuracy, splits):
    train, test = draw(seed)
    return accuracy(train, test), accuracy(train, test)


@protocol
def labels_mixed(seed, draw, make, accuracy, splits):
    train, test = draw(seed)
    x, y = join(train, make(*train))
    return accuracy(train, test), accuracy((x, y.roll(1)), test)


@protocol
def not_all_images(seed, draw, make, accuracy, splits):
    train, test = draw(seed)
    made = make(*train)
    return accuracy(train, test), accuracy(join(train, (made[0][:6], made[1][:6])), test)


def told(show):
    return lambda *arguments: fair(*arguments, show=show)


WRONG_COMPARISONS = {
    "leak_to_maker": leak_to_maker,
    "leak_to_classifier": leak_to_classifier,
    "tested_on_others": on_training_images,
    "made_alone": made_alone,
    "other_seeds": other_seeds,
    "splits_missing": splits_missing,
    "splits_mixed": splits_mixed,
    "no_baseline": no_baseline,
    "nothing_made": nothing_made,
    "labels_mixed": labels_mixed,
    "not_all_images": not_all_images,
    "swapped": told(lambda p, h: (h, p)),
    "percent": told(lambda p, h: ([100 * x for x in p], [100 * x for x in h])),
    "counts_returned": told(lambda p, h: ([10 * x for x in p], [10 * x for x in h])),
    "errors_returned": told(lambda p, h: ([1 - x for x in p], [1 - x for x in h])),
    "better_one_kept": told(lambda p, h: (p, [max(x, y) for x, y in zip(p, h, strict=True)])),
    "differences_returned": told(lambda p, h: (p, [y - x for x, y in zip(p, h, strict=True)])),
    "means_returned": told(lambda p, h: (sum(p) / len(p), sum(h) / len(h))),
    "not_two_lists": told(lambda p, h: p),
    "other_order": told(lambda p, h: (sorted(p), sorted(h))),
    "length": told(lambda p, h: (p[:-1], h[:-1])),
    "other_numbers": told(lambda p, h: ([x / 2 for x in p], h)),
    "not attempted": lambda *arguments: None,
}


@pytest.mark.parametrize("id", WRONG_COMPARISONS)
def test_wrong_comparisons_are_named(id):
    assert status("fair_comparison", WRONG_COMPARISONS[id]) == id

"""Right answers of exercise 15 in many forms pass; catalogued mistakes are rejected and named."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from gan_lessons import checks
from gan_lessons.checks import media_decay, media_motion, media_novelty
from gan_lessons.protocols import media, sentences, videos

# Task 1


def by_polyfit(clips, rate):
    found = []
    for clip in clips.numpy().astype(float):
        k = len(clip) // 80
        energy = (clip[: 80 * k].reshape(k, 80) ** 2).sum(axis=1)
        slope, _ = np.polyfit(np.arange(k) * 80 / rate, np.log(energy), 1)
        found.append(-2 / slope)
    return found


def by_lstsq(clips, rate):
    k = clips.shape[1] // 80
    log = clips[:, : 80 * k].reshape(len(clips), k, 80).square().mean(-1).log()
    t = (torch.arange(k) + 0.5) * 80 / rate  # the middle of each block
    line = torch.linalg.lstsq(torch.stack([t, torch.ones(k)], dim=1), log.T).solution
    return -2 / line[0]


def by_scipy(clips, rate):
    from scipy.stats import linregress

    blocks = torch.stack([x.float().norm(dim=1) for x in clips.split(80, 1) if x.shape[1] == 80])
    t = np.arange(len(blocks)) * 80 / rate
    return np.array([-1 / linregress(t, np.log(row)).slope for row in blocks.T.numpy()])


# Task 2


def by_loop(centres):
    speed, wobble = [], []
    for path in centres.tolist():
        steps = np.diff(np.array(path), axis=0)
        speed.append(np.hypot(*steps.T).mean())
        wobble.append(np.sqrt(((steps - steps.mean(axis=0)) ** 2).sum() / len(steps)))
    return speed, wobble


def by_variance(centres):
    d = centres[:, 1:] - centres[:, :-1]
    return d.pow(2).sum(-1).sqrt().mean(-1), d.var(dim=1, correction=0).sum(dim=1).sqrt()


def by_moments(centres):
    d = centres.double().diff(dim=1)
    wobble = (d.square().sum(2).mean(1) - d.mean(1).square().sum(1)).sqrt()
    return torch.stack([d.norm(dim=2).mean(dim=1), wobble])


# Task 3


def by_kd_tree(samples, train, fresh):
    from scipy.spatial import cKDTree

    tree = cKDTree(train.flatten(1).numpy())
    own, real = (np.median(tree.query(x.flatten(1).numpy())[0]) for x in (samples, fresh))
    return own / real


def by_broadcast(samples, train, fresh):
    def near(x):
        d = (x.reshape(len(x), 1, -1) - train.reshape(1, len(train), -1)).pow(2).sum(-1)
        return torch.quantile(d.min(dim=1).values.sqrt(), 0.5)

    return near(samples) / near(fresh)


# Task 4


def by_multinomial(logits, temperature):
    if temperature == 0:
        return logits.argmax(dim=1)
    return torch.multinomial((logits / temperature).softmax(dim=1), 1).squeeze(1)


def by_gumbel(logits, temperature):
    if not temperature:
        return logits.max(1).indices
    return (logits / temperature - torch.empty_like(logits).exponential_().log()).argmax(1)


def by_categorical(logits, temperature):
    heat = max(temperature, 1e-6)
    return torch.distributions.Categorical(logits=logits / heat).sample()


def by_cumulative(logits, temperature):
    if temperature == 0:
        return np.argmax(logits.numpy(), axis=1)
    p = np.exp(logits.numpy().astype(float) / temperature)
    total = (p / p.sum(axis=1, keepdims=True)).cumsum(axis=1)
    return (np.random.rand(len(p), 1) > total[:, :-1]).sum(axis=1)


# Task 5


def through(logits, softness=1.0):
    u = torch.rand_like(logits).clamp(1e-9, 1 - 1e-7)
    soft = ((logits - (-u.log()).log()) / softness).softmax(dim=1)
    hard = F.one_hot(soft.argmax(dim=1), logits.shape[1]).to(soft.dtype)
    return hard + soft - soft.detach()


def by_torch(logits, softness=1.0):
    return F.gumbel_softmax(logits, tau=softness, hard=True)


def by_distribution(logits, softness=1.0):
    g = torch.distributions.Gumbel(0.0, 1.0).sample(logits.shape)
    noisy = logits.double() + g
    soft = torch.exp(F.log_softmax(noisy / softness, dim=-1))
    hard = torch.zeros_like(soft).scatter_(1, noisy.argmax(1, keepdim=True), 1.0)
    return (hard - soft).detach() + soft


class Through(torch.autograd.Function):
    @staticmethod
    def forward(ctx, logits, softness):
        g = -torch.empty_like(logits).exponential_().log()
        soft = ((logits + g) / softness).softmax(1)
        ctx.save_for_backward(soft)
        ctx.softness = softness
        return F.one_hot(soft.argmax(1), logits.shape[1]).float()

    @staticmethod
    def backward(ctx, up):
        (soft,) = ctx.saved_tensors
        return soft * (up - (soft * up).sum(1, keepdim=True)) / ctx.softness, None


def by_function(logits, softness=1.0):
    return Through.apply(logits, softness)


RIGHT = {
    "decay_times": (by_polyfit, by_lstsq, by_scipy, media_decay.decays),
    "motion": (by_loop, by_variance, by_moments),
    "novelty": (by_kd_tree, by_broadcast, media.novelty, media_novelty.ratio),
    "draw_words": (by_multinomial, by_gumbel, by_categorical, by_cumulative),
    "straight_through": (
        through,
        by_torch,
        by_distribution,
        by_function,
        sentences.straight_through,
    ),
}


@pytest.mark.parametrize("task, answer", [(t, a) for t, all in RIGHT.items() for a in all])
def test_right_answers_pass(task, answer):
    result = checks.check(task, answer)
    assert result.status == "passed", result


@pytest.mark.parametrize("task", RIGHT)
def test_a_stub_is_not_attempted(task):
    def stub(*arguments):
        pass

    assert checks.check(task, stub).status == "not attempted"
    assert checks.check(task, None).status == "not attempted"
    assert len(checks.EXERCISES[task].hints) == 3


@pytest.mark.parametrize("id", media_decay.DECAYS)
def test_each_wrong_decay_is_named(id):
    result = checks.check("decay_times", media_decay.DECAYS[id][0])
    assert (result.status, result.mistake) == ("failed", id), result


@pytest.mark.parametrize("id", media_novelty.NOVELTY)
def test_each_wrong_novelty_is_named(id):
    result = checks.check("novelty", media_novelty.NOVELTY[id][0])
    assert (result.status, result.mistake) == ("failed", id), result


@pytest.mark.parametrize("id", media_motion.SPEEDS)
def test_each_wrong_speed_is_named(id):
    result = checks.check(
        "motion", lambda c: (media_motion.SPEEDS[id][0](c), media_motion.wobbles(c))
    )
    assert (result.status, result.mistake) == ("failed", id), result


@pytest.mark.parametrize("id", media_motion.WOBBLES)
def test_each_wrong_wobble_is_named(id):
    result = checks.check(
        "motion", lambda c: (media_motion.speeds(c), media_motion.WOBBLES[id][0](c))
    )
    assert (result.status, result.mistake) == ("failed", id), result


def noisy(make, before=True):
    """A draw by some noise on logits that are divided before or after."""

    def answer(logits, temperature):
        if temperature == 0:
            return logits.argmax(1)
        if before:
            return (logits / temperature + make(logits)).argmax(1)
        return ((logits + make(logits)) / temperature).argmax(1)

    return answer


def gumbel(x):
    return sentences.gumbel(x.shape)


def chances(weigh):
    def answer(logits, temperature):
        if temperature == 0:
            return logits.argmax(1)
        return torch.multinomial(weigh(logits, temperature), 1)[:, 0]

    return answer


def seeded(answer):
    """The answer, with a seed set inside."""

    def with_seed(*arguments):
        torch.manual_seed(0)
        return answer(*arguments)

    return with_seed


WORDS = {
    "fixed_seed": (seeded(by_multinomial),),
    "temperature_ignored": (
        chances(lambda x, t: x.softmax(1)),
        noisy(gumbel, before=False),
        chances(lambda x, t: x.softmax(1) / t),
    ),
    "multiplied": (chances(lambda x, t: (x * t).softmax(1)),),
    "uniform": (lambda x, t: torch.randint(x.shape[1], (len(x),)),),
    "argmax": (lambda x, t: (x / max(t, 1e-9)).argmax(1),),
    "logits_as_weights": (chances(lambda x, t: (x / t).clamp(min=0)),),
    "two_softmaxes": (chances(lambda x, t: (x.softmax(1) / t).softmax(1)),),
    "sigmoid": (chances(lambda x, t: (x / t).sigmoid()),),
    "root_of_temperature": (chances(lambda x, t: (x / t**0.5).softmax(1)),),
    "log_softmax_squared": (chances(lambda x, t: (x / t / t).softmax(1)),),
    "normal_noise": (noisy(torch.randn_like),),
    "uniform_noise": (noisy(torch.rand_like),),
    "one_logarithm": (noisy(lambda x: -torch.rand_like(x).log()),),
    "sign_of_the_noise": (noisy(lambda x: -gumbel(x)),),
    "same_in_all_rows": (noisy(lambda x: gumbel(x[0])),),
    "rows_mixed": (chances(lambda x, t: (x.mean(0) / t).softmax(0).expand_as(x)),),
    "one_hot": (lambda x, t: F.one_hot(by_multinomial(x, t), x.shape[1]),),
    "shape": (
        lambda x, t: torch.multinomial((x / max(t, 1e-3)).softmax(1), 1),
        lambda x, t: by_multinomial(x, t)[0],
        lambda x, t: by_multinomial(x, t).squeeze(),  # drops the only row
    ),
    "not_whole": (
        lambda x, t: by_multinomial(x, t).float(),
        lambda x, t: by_multinomial(x, t).int(),
    ),
    "out_of_range": (lambda x, t: by_multinomial(x, t) + 1,),
    "wrong_arguments": (lambda x: x.argmax(1),),
    "zero": (
        lambda x, t: by_multinomial(x, t) if t else torch.zeros(len(x), dtype=torch.int64),
        lambda x, t: by_multinomial(x, t or 0.4),  # right by chance in most rows
        lambda x, t: by_multinomial(x if t else x[:, :5], t),
    ),
    "zero_stops": (
        lambda x, t: torch.multinomial((x / t).softmax(1), 1)[:, 0],
        lambda x, t: by_multinomial(x * (1 / t), 1),
    ),
    "no_chances": (lambda x, t: torch.multinomial(x, 1)[:, 0],),
    "axis": (chances(lambda x, t: (x / t).softmax(0)),),
    "softmax_of_softmax": (chances(lambda x, t: (x / t).softmax(1).softmax(1)),),
    "sign_of_the_logits": (chances(lambda x, t: (-x / t).softmax(1)),),
    "absolute_logits": (chances(lambda x, t: (x / t).abs()),),
    "powers_of_2": (chances(lambda x, t: 2 ** (x / t)),),
    "sorted_words": (chances(lambda x, t: (x / t).softmax(1).sort(1, descending=True).values),),
    "other_temperature": (
        lambda x, t: by_multinomial(x, t and t + 1),
        lambda x, t: by_multinomial(x, min(t, 1)),
        lambda x, t: by_multinomial(x, max(t, 0.5)),
    ),
    "argmax_above_0": (lambda x, t: by_multinomial(x, t if t > 0.3 else 0),),
    "words_missing": (
        lambda x, t: by_multinomial(x[:, :4], t),
        lambda x, t: by_multinomial(x[:, :5] if t else x, t),
    ),
}


@pytest.mark.parametrize("id, answer", [(id, a) for id, all in WORDS.items() for a in all])
def test_each_wrong_draw_is_named(id, answer):
    result = checks.check("draw_words", answer)
    assert (result.status, result.mistake) == ("failed", id), result


def passing(noise=gumbel, soft=None, hard=None, join=None):
    """Straight-through draws with one part exchanged."""

    def answer(logits, softness=1.0):
        noisy = logits + noise(logits)
        s = soft(logits, noisy, softness) if soft else (noisy / softness).softmax(1)
        h = F.one_hot((hard(logits, noisy) if hard else s).argmax(1), logits.shape[1]).float()
        return join(h, s) if join else h + s - s.detach()

    return answer


def drawn_again(soft):
    words = torch.multinomial(soft.detach(), 1)[:, 0]
    return F.one_hot(words, soft.shape[1]) + soft - soft.detach()


THROUGH = {
    "fixed_seed": (lambda x, softness=1.0: seeded(through)(x, softness),),
    "soft": (passing(join=lambda h, s: s),),
    "no_gradient": (
        passing(join=lambda h, s: h),
        passing(join=lambda h, s: h + (s - s).detach()),
        passing(join=lambda h, s: h + s - s),
    ),
    "not_one_hot": (
        passing(join=lambda h, s: h + s),
        passing(join=lambda h, s: 2 * h + s - s.detach()),
    ),
    "no_noise": (
        passing(torch.zeros_like),
        passing(lambda x: gumbel(x[0])),
        passing(torch.rand_like),  # too little to change a word
    ),
    "normal_noise": (passing(torch.randn_like),),
    "one_logarithm": (passing(lambda x: -torch.rand_like(x).log()),),
    "sign_of_the_noise": (passing(lambda x: -gumbel(x)),),
    "gradient_of_the_identity": (
        lambda x, softness=1.0: through(x.detach(), softness) + x - x.detach(),
    ),
    "no_noise_in_the_gradient": (
        passing(soft=lambda x, n, t: (x / t).softmax(1), hard=lambda x, n: n),
    ),
    "softness_ignored": (passing(soft=lambda x, n, t: n.softmax(1)),),
    "softness_multiplied": (passing(soft=lambda x, n, t: (n * t).softmax(1)),),
    "noise_outside": (passing(soft=lambda x, n, t: (x / t + n - x).softmax(1)),),
    "sign_of_the_gradient": (passing(join=lambda h, s: h - s + s.detach()),),
    "twice_the_gradient": (passing(join=lambda h, s: h + 2 * s - 2 * s.detach()),),
    "two_noises": (
        passing(soft=lambda x, n, t: ((x + gumbel(x)) / t).softmax(1), hard=lambda x, n: n),
    ),
    "shape": (lambda x, softness=1.0: through(x, softness).argmax(1),),
    "argmin": (passing(hard=lambda x, n: -n),),
    "drawn_from_the_soft_draw": (lambda x, softness=1.0: drawn_again((x + gumbel(x)).softmax(1)),),
    "size_of_the_noise": (
        passing(lambda x: 0.5 * gumbel(x)),
        passing(lambda x: gumbel(x) / np.log(10)),
    ),
    "noise_divided": (passing(soft=lambda x, n, t: (x + (n - x) / t).softmax(1)),),
    "rows_mixed": (passing(soft=lambda x, n, t: (n / t).softmax(0)),),
    "softness_squared": (passing(soft=lambda x, n, t: (n / t**2).softmax(1)),),
    "root_of_softness": (passing(soft=lambda x, n, t: (n / t**0.5).softmax(1)),),
    "gradient_of_the_logarithm": (passing(join=lambda h, s: h + s.log() - s.log().detach()),),
    "only_where_drawn": (passing(join=lambda h, s: h + h * s - (h * s).detach()),),
    "log_where_drawn": (passing(join=lambda h, s: h * s / s.detach()),),
    "factor": (passing(join=lambda h, s: h + (s - s.detach()) / 2),),
    "default": (lambda x, softness=0.5: through(x, softness),),
    "no_default": (lambda x, softness: through(x, softness),),
    "wrong_arguments": (lambda x: through(x),),
    "wrong_type": (lambda x, softness=1.0: through(x, softness).tolist(),),
}


@pytest.mark.parametrize("id, answer", [(id, a) for id, all in THROUGH.items() for a in all])
def test_each_wrong_gradient_is_named(id, answer):
    result = checks.check("straight_through", answer)
    assert (result.status, result.mistake) == ("failed", id), result


def test_mistakes_of_form_are_named():
    wrong = {
        "decay_times": {
            "shape": lambda c, r: media_decay.decays(c, r).mean(),
            "wrong_arguments": lambda c: media_decay.decays(c, 8000),
            "not_finite": lambda c, r: (c.sum(1) - 1e6).log(),
            "changes_inputs": lambda c, r: media_decay.decays(c.mul_(2), r),
            "not_a_function": 0.03,
            "other_formula": lambda c, r: media_decay.decays(c, r) + 0.01,
            "factor": lambda c, r: 0.3 * media_decay.decays(c, r),
            "rate_ignored": lambda c, r: media_decay.decays(c, 8000),
            "random": lambda c, r: media_decay.decays(c, r) + torch.rand(len(c)),
            "constant": lambda c, r: torch.full((len(c),), 0.05),
            "reshape": lambda c, r: c.reshape(len(c), -1, 80).square().sum(2),
        },
        "motion": {
            "two_results": lambda c: dict(a=media_motion.speeds(c), b=media_motion.wobbles(c)),
            "factor": lambda c: (8 * media_motion.speeds(c), media_motion.wobbles(c)),
            "random": lambda c: (media_motion.speeds(c) + torch.rand(len(c)),) * 2,
            "order": lambda c: (media_motion.wobbles(c), media_motion.speeds(c)),
            "shape": lambda c: (media_motion.steps(c).norm(dim=2), media_motion.wobbles(c)),
            "other_wobble": lambda c: (media_motion.speeds(c), 3 + media_motion.wobbles(c)),
        },
        "novelty": {
            "not_a_scalar": lambda s, t, f: media_novelty.to_nearest(s, t),
            "copies": lambda s, t, f: max(media_novelty.ratio(s, t, f), torch.tensor(0.1)),
            "constant": lambda s, t, f: 1.0,
            "other_formula": lambda s, t, f: media_novelty.ratio(s, t, f) + 0.1,
            "random": lambda s, t, f: media_novelty.ratio(s, t[torch.randperm(len(t))[:20]], f),
            "few_training_clips": lambda s, t, f: media_novelty.ratio(s, t[:100], f),
            "part_of_a_clip": lambda s, t, f: media_novelty.ratio(s[:, :1], t[:, :1], f[:, :1]),
            "wrong_type": lambda s, t, f: "new",
        },
    }
    for task, answers in wrong.items():
        for id, answer in answers.items():
            result = checks.check(task, answer)
            assert (result.status, result.mistake) == ("failed", id), (task, id, result)


def test_the_lessons_measures_solve_the_tasks():
    clips = videos.videos(20, seed=0)[0]
    speed, wobble = by_variance(videos.centres(clips)[1])
    assert torch.allclose(speed, videos.speed_of(clips))
    assert torch.allclose(wobble, videos.wobble(clips), atol=1e-6)


def test_two_results_in_one_are_not_speed_and_wobble():
    result = checks.check("motion", lambda c: media_motion.speeds(c))
    assert (result.status, result.mistake) == ("failed", "two_results"), result


def test_a_decay_time_that_is_just_off_is_rejected():
    result = checks.check("decay_times", lambda c, r: media_decay.decays(c, r) + 7e-5)
    assert (result.status, result.mistake) == ("failed", "other_formula"), result


@pytest.mark.parametrize(
    "task, answer",
    [
        ("decay_times", lambda c, r: media_decay.decays(c, r).sort().values),
        ("draw_words", lambda x, t: by_multinomial(x[:1].expand_as(x), t)),
    ],
)
def test_a_message_shows_numbers_that_differ(task, answer):
    text = checks.check(task, answer).message
    seen, should = text.split("should be ")[0], text.split("should be ")[1]
    assert should.split(". ")[0].rstrip(" s") not in seen, text

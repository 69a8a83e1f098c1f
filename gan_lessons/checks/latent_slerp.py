"""Checker of slerp: ordinary pairs against wrong twins, then parallel vectors, alone and in a
batch.
"""

import math

import numpy as np
import torch

from gan_lessons.checks.core import Mistake, NotAttempted, attempted, close, name_twin, untouched
from gan_lessons.checks.game_calls import check_arguments
from gan_lessons.checks.latent_twins import CONVENTIONS, TWINS, lerp

NAMES = ("z0", "z1", "t")
EXAMPLE = torch.tensor([[2.0, 0.0]]), torch.tensor([[1.0, 1.0]]), 0.25


def pairs(n, d, seed, length):
    """Two batches (n, d) of independent vectors, the shortest about half as long as `length`."""
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(2, n, d, generator=generator)
    factor = 0.5 + torch.rand(2, n, 1, generator=generator) / 2
    return tuple(length * factor * z / z.norm(dim=2, keepdim=True))


# Lengths below 1 first: there an angle from vectors that are not of length 1 exists, but is wrong.
SHORT = [(*pairs(5, 4, 1, 0.95), t) for t in (0.3, 0.8)]
LONG = [(*pairs(n, d, i, 6.0), t) for i, (n, d, t) in enumerate([(6, 32, 0.8), (4, 4, 0.3)], 2)]
NEAR = EXAMPLE[0], torch.tensor([[1.0, 0.27]]), 0.4  # 15 degrees apart: not parallel yet
CALLS = SHORT + LONG + [(*pairs(1, 3, 4, 2.0), 0.6), NEAR]


def numbers(row):
    """A vector for a message."""
    return "(" + ", ".join(f"{x:.2f}" for x in row.reshape(-1)[:6].tolist()) + ")"


def call(answer, z0, z1, t):
    """The answer as a float64 tensor of the right shape."""
    given = z0.clone(), z1.clone()
    output = attempted(answer(*given, t))
    if isinstance(output, (np.ndarray, list)):
        output = torch.as_tensor(np.asarray(output))
    if not isinstance(output, torch.Tensor):
        kind = type(output).__name__
        raise Mistake("wrong_type", f"slerp must return a tensor, but yours returns a {kind}.")
    if output.dtype not in (torch.float32, torch.float64):
        raise Mistake(
            "wrong_type",
            f"z0 and z1 are float32, and so must the result be; yours is {output.dtype}.",
        )
    if output.shape != z0.shape:
        raise Mistake("shape", about_shape(tuple(output.shape), tuple(z0.shape)))
    for before, after, name in zip((z0, z1), given, NAMES, strict=False):
        untouched(before, after, name)
    return output.detach().double().cpu()


def about_shape(got, expected):
    text = f"For z0 and z1 of shape {expected} the result must have that shape, too; yours has "
    if got in (expected[:1], (expected[0], 1)):
        return f"{text}{got}: one number for each row. Multiply the weights with z0 and z1."
    if len(got) == 3 or got[-1:] != expected[-1:] or got == (expected[0],) * 2:
        text += f"{got}. Sum over the last dimension with keepdim=True: the weights are then (B, 1)"
        return text + ", one for each row."
    return f"{text}{got}. Return one vector for each row."


def explain(answer, error, z0, z1, t):
    """Raise a Mistake for the exceptions that learners meet most."""
    text = str(error)
    try:
        alone = attempted(answer(z0[0].clone(), z1[0].clone(), t))
        works = close(alone, right(z0[0], z1[0], t))
    except Exception:
        works = False
    if works or "1D tensors" in text or "converted to" in text or "ambiguous" in text:
        raise Mistake(
            "one_vector_only",
            f"Your code stops on a batch of shape {tuple(z0.shape)} ({type(error).__name__}: "
            f"{text}). It must treat each row as a vector of its own: sum products over the last "
            "dimension with keepdim=True, and choose between two formulas with torch.where.",
        ) from None
    if "size of tensor" in text or "broadcast" in text:
        raise Mistake(
            "keepdim_missing",
            f"Two shapes do not fit, for z0 and z1 of shape {tuple(z0.shape)}: {text}. An angle "
            "for each row has shape (B, 1) when you sum with keepdim=True; then it multiplies "
            "(B, z_dim).",
        ) from None
    if "must be Tensor" in text:
        raise Mistake(
            "t_is_a_number",
            f"t is a plain number here, {t}, and a torch function wants a tensor: {text}. "
            "torch.sin(t * angle) works, when the angle is a tensor.",
        ) from None


def right(z0, z1, t):
    return CONVENTIONS["weights"](z0.double(), z1.double(), t)


def outputs_of(answer):
    """What the answer gives for all ordinary calls; names sizes that are fixed."""
    outputs = []
    for i, (z0, z1, t) in enumerate(CALLS):
        try:
            outputs.append(call(answer, z0, z1, t))
        except (NotAttempted, NotImplementedError):
            raise
        except Exception as error:
            first = tuple(CALLS[0][0].shape)
            if i and first != z0.shape and getattr(error, "id", "shape") == "shape":
                raise Mistake(
                    "size_fixed",
                    f"It works for vectors of shape {first}, but not for {tuple(z0.shape)}: a "
                    f"size is fixed somewhere. {type(error).__name__}: {error}",
                ) from None
            if not isinstance(error, Mistake):
                explain(answer, error, z0, z1, t)
            raise
    return outputs


def seen(answer):
    """The numbers of a small example, or of the first call, as a sentence."""
    for z0, z1, t in (EXAMPLE, *CALLS):
        try:
            output = call(answer, z0, z1, t)
        except Exception:
            continue
        expected = right(z0, z1, t)
        wrong = [i for i in range(len(z0)) if not close(output[i], expected[i])]
        if wrong:
            i = wrong[0]
            return (
                f"For z0 = {numbers(z0[i])}, z1 = {numbers(z1[i])} and t = {t} yours gives "
                f"{numbers(output[i])}; it should be {numbers(expected[i])}. "
            )
    return ""


def examine_slerp(answer):
    """Shape, finite, closed form, ends, parallel vectors; returns a remark or None."""
    answer = answer() if isinstance(answer, type) else answer
    if not callable(answer):
        kind = type(answer).__name__
        raise Mistake(
            "not_a_function", f"Pass the function itself, without brackets; this is a {kind}."
        )
    check_arguments(answer, CALLS[0], NAMES)
    outputs = outputs_of(answer)
    doubles = [(z0.double(), z1.double(), t) for z0, z1, t in CALLS]
    convention = None
    for name, rule in CONVENTIONS.items():
        if convention is None and all(
            close(a, rule(*c)) for a, c in zip(outputs, doubles, strict=True)
        ):
            convention = name
    if convention is None:
        name_mistake(answer, outputs, doubles)
    check_ends(answer)
    check_parallel(answer)
    return remark(answer, convention)


def name_mistake(answer, outputs, doubles):
    """Raise the Mistake of an answer that differs on ordinary pairs."""
    said = seen(answer)
    for part in (slice(None), slice(len(SHORT))):  # all calls, then those without a cut cosine
        made = {
            id: ([twin(*c) for c in doubles[part]], said + text)
            for id, (twin, text) in TWINS.items()
        }
        name_twin(outputs[part], made)
    broken = [i for i, output in enumerate(outputs) if not output.isfinite().all()]
    if broken:
        raise Mistake(
            "not_finite",
            f"{said}Ordinary vectors give nan or infinity. The cosine must be z0 · z1 divided by "
            "both lengths, in each row; then it lies between -1 and 1.",
        )
    good = sum(
        close(row, should)
        for output, c in zip(outputs, doubles, strict=True)
        for row, should in zip(output, CONVENTIONS["weights"](*c), strict=True)
    )
    if good:
        raise Mistake(
            "some_rows_wrong",
            f"{said}{good} of {sum(map(len, outputs))} rows are right. Does a row depend on the "
            "others in its batch, or does a shortcut (the straight line, a cut cosine) begin too "
            "early?",
        )
    check_ends(answer, said)
    raise Mistake(
        "other_formula",
        f"{said}Asked for is sin((1 - t) w) / sin(w) · z0 + sin(t w) / sin(w) · z1, with w the "
        "angle between z0 and z1 in each row, in radians.",
    )


def check_ends(answer, said=""):
    """t = 0 must give z0, and t = 1 must give z1."""
    for t, which in ((0.0, 0), (1.0, 1)):
        z = SHORT[0][:2]
        output = call(answer, *z, t)
        if not close(output, z[which]):
            raise Mistake(
                "ends_wrong",
                f"{said}At t = {t:.0f} the result must be z{which} = {numbers(z[which][0])}, but "
                f"yours is {numbers(output[0])}.",
            )


def parallel_pairs():
    """Rows in one direction: equal, twice as long, nearly equal. Many, since rounding decides."""
    z = pairs(300, 32, 7, 6.0)[0]
    nearly = z + 1e-4 * pairs(300, 32, 8, 1.0)[0]
    return {"equal": (z, z), "parallel": (z, 2 * z), "nearly parallel": (z, nearly)}


def check_parallel(answer):
    """Parallel rows must give points between z0 and z1; others in the batch stay right."""
    t = 0.3
    for kind, (z0, z1) in parallel_pairs().items():
        ordinary = pairs(2, 32, 9, 6.0)
        z0, z1 = torch.cat([z0, ordinary[0]]), torch.cat([z1, ordinary[1]])
        output = call(answer, z0, z1, t)
        bad = int((~output.isfinite().all(dim=1))[:-2].sum())
        if bad:
            raise Mistake(
                "nan_for_parallel",
                f"For {kind} z0 and z1, yours gives nan or infinity in {bad} of 300 rows. The "
                "angle is 0 there, and 0 / 0 is nan; rounding may also push the cosine above 1, "
                "where acos is nan. Clamp the cosine, and take (1 - t) z0 + t z1 where the sine "
                "is nearly 0.",
            )
        allowed = [lerp(z0, z1, t).double()]
        if kind == "parallel":  # a geometric mean of the lengths lies on the same ray
            allowed.append(z0.double() * 2**t)
        off = [((output - a).norm(dim=1) / a.norm(dim=1))[:-2] for a in allowed]
        i = int(off[0].argmax())
        if min(float(o.max()) for o in off) > 0.02:
            name_parallel(kind, z0[i], z1[i], output[i], allowed[0][i])
        for rule in CONVENTIONS.values():
            if close(output[-2:], rule(*(z.double() for z in ordinary), t)):
                break
        else:
            raise Mistake(
                "fallback_for_the_whole_batch",
                "One batch may hold parallel pairs and others. With parallel rows beside them, "
                f"your ordinary rows change: {numbers(output[-1])}, should be "
                f"{numbers(right(*ordinary, t)[-1])}. Decide for each row: torch.where.",
            )


def name_parallel(kind, z0, z1, got, expected):
    said = (
        f"For {kind} z0 = {numbers(z0)}… and z1 = {numbers(z1)}…, t = 0.3, yours gives "
        f"{numbers(got)}…; it should be {numbers(expected)}…. "
    )
    if got.norm() < 0.02 * expected.norm():
        raise Mistake(
            "vanishes_for_parallel",
            f"{said}A small number added to sin(w), or nan replaced by 0, hides the nan, but "
            "then the result vanishes. Take (1 - t) z0 + t z1 where the sine is nearly 0.",
        )
    raise Mistake("wrong_for_parallel", f"{said}The text asks for (1 - t) z0 + t z1 there.")


def remark(answer, convention):
    """What is worth saying about an answer that passes, or None."""
    if convention != "weights":
        return (
            "Right, in a form of its own: yours interpolates direction and length apart. The "
            "formula of the text differs where z0 and z1 differ in length."
        )
    z0, z1, t = LONG[0]
    try:
        with_line = call(answer, z0, -z0, 0.5)
        plain = answer(z0.clone(), z1.clone(), t)
    except Exception:
        return None
    if not with_line.isfinite().all() or with_line.norm(dim=1).max() > 1e3 * math.sqrt(32):
        return "Right. One case is left open by the text: opposite vectors, where yours explodes."
    if not isinstance(plain, torch.Tensor) or plain.dtype != z0.dtype:
        return "Right. A generator wants a float32 tensor, though: return z0's own type."
    return None

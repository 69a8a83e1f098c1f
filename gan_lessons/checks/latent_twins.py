"""Right forms of slerp, and its wrong twins with what to say about each."""

import math

import torch
from torch.nn.functional import normalize


def dot(z0, z1, dim=-1):
    return (z0 * z1).sum(dim=dim, keepdim=True)


def cosine(z0, z1, dim=-1):
    return dot(normalize(z0, dim=dim), normalize(z1, dim=dim), dim=dim)


def weights(z0, z1, t, angle):
    """The formula of the exercise, with a given angle."""
    return (torch.sin((1 - t) * angle) * z0 + torch.sin(t * angle) * z1) / torch.sin(angle)


def angle(z0, z1):
    return torch.acos(cosine(z0, z1))


def slerp(z0, z1, t):
    return weights(z0, z1, t, angle(z0, z1))


def on_unit_sphere(z0, z1, t):
    return slerp(normalize(z0, dim=-1), normalize(z1, dim=-1), t)


def lengths(z0, z1):
    return z0.norm(dim=-1, keepdim=True), z1.norm(dim=-1, keepdim=True)


def linear_length(z0, z1, t):
    a, b = lengths(z0, z1)
    return on_unit_sphere(z0, z1, t) * ((1 - t) * a + t * b)


def geometric_length(z0, z1, t):
    a, b = lengths(z0, z1)
    return on_unit_sphere(z0, z1, t) * a ** (1 - t) * b**t


CONVENTIONS = {"weights": slerp, "lengths": linear_length, "log lengths": geometric_length}


def lerp(z0, z1, t):
    return (1 - t) * z0 + t * z1


def with_angle(make):
    """A twin with another angle; make gets z0 and z1."""
    return lambda z0, z1, t: weights(z0, z1, t, make(z0, z1))


def with_cosine(make):
    """A twin with another cosine."""
    return with_angle(lambda z0, z1: torch.acos(make(z0, z1)))


def with_weights(make):
    """A twin with other weights; make gets t and the angle, and gives two weights."""

    def twin(z0, z1, t):
        first, second = make(t, angle(z0, z1))
        return first * z0 + second * z1

    return twin


def rescaled_line(z0, z1, t):
    a, b = lengths(z0, z1)
    return normalize(lerp(z0, z1, t), dim=-1) * ((1 - t) * a + t * b)


def rescaled_unit_line(z0, z1, t):
    a, b = lengths(z0, z1)
    mixed = lerp(normalize(z0, dim=-1), normalize(z1, dim=-1), t)
    return normalize(mixed, dim=-1) * ((1 - t) * a + t * b)


def shorter_way(z0, z1, t):
    sign = torch.where(cosine(z0, z1) < 0, -1.0, 1.0).to(z0.dtype)
    return slerp(z0, sign * z1, t)


def whole_batch(z0, z1):
    return (z0 * z1).sum() / (z0.norm() * z1.norm())


def sin(x):
    return torch.sin(x)


LINE = "is the straight line: in the middle it is nearer to 0 than both ends. Use the sines."
UNIT = (
    "Divide by both lengths before the arc cosine: it wants a cosine, z0 · z1 / (|z0| |z1|). The "
    "plain product z0 · z1 is no cosine unless both vectors have length 1."
)
ROW = "Each row is a vector of its own and has an angle of its own: sum over the last dimension, "
NLERP = (
    "You walk the straight line and stretch the result. That gives points on the arc, but at an "
    "uneven pace: at t = 0.25 it is not at a quarter of the angle."
)
RESULT = "The lengths are missing in the result: t = 0 must give z0 itself, not z0 / |z0|."
TWINS = {
    "line": (lerp, f"Yours {LINE}"),
    "swapped_ends": (
        lambda z0, z1, t: slerp(z0, z1, 1 - t),
        "The ends are swapped: t = 0 must give z0, so sin((1 - t) w) belongs to z0.",
    ),
    "swapped_line": (
        lambda z0, z1, t: lerp(z0, z1, 1 - t),
        f"Yours {LINE} And its ends are swapped: t = 0 must give z0.",
    ),
    "not_normalised": (with_cosine(dot), UNIT),
    "one_normalised": (with_cosine(lambda a, b: dot(normalize(a, dim=-1), b)), "z1: " + UNIT),
    "other_normalised": (with_cosine(lambda a, b: dot(a, normalize(b, dim=-1))), "z0: " + UNIT),
    "cosine_too_small": (
        with_cosine(lambda a, b: cosine(a, b) / math.prod(a.shape[-1:])),
        "The products are averaged over the numbers of z, not summed: a dot product is a sum.",
    ),
    "squared_lengths": (
        with_cosine(lambda a, b: dot(a, b) / (dot(a, a) * dot(b, b))),
        "You divide by the squared lengths. The length is the root of the sum of squares.",
    ),
    "whole_batch": (
        with_cosine(whole_batch),
        f"You use one angle for the whole batch. {ROW}with dim=-1 and keepdim=True.",
    ),
    "mean_angle": (
        with_angle(lambda a, b: angle(a, b).mean()),
        f"You average the angles of the batch. {ROW}with dim=-1 and keepdim=True.",
    ),
    "whole_batch_lengths": (
        with_cosine(lambda a, b: dot(a, b) / (a.norm() * b.norm())),
        f"You divide by the length of the whole batch. {ROW}in .norm() too: dim=-1, keepdim=True.",
    ),
    "first_row": (
        with_angle(lambda a, b: angle(a[:1], b[:1])),
        f"You use the angle of the first row for all. {ROW}with dim=-1 and keepdim=True.",
    ),
    "wrong_axis": (
        with_cosine(lambda a, b: cosine(a, b, dim=0)),
        f"The angle is computed down the batch, with dim=0. {ROW}dim=-1.",
    ),
    "wrong_axis_lengths": (
        with_cosine(lambda a, b: dot(normalize(a, dim=0), normalize(b, dim=0))),
        f"The vectors are divided by lengths taken down the batch, with dim=0. {ROW}dim=-1.",
    ),
    "degrees": (
        with_angle(lambda a, b: torch.rad2deg(angle(a, b))),
        "The angle is in degrees, but torch.sin wants radians: leave the conversion out.",
    ),
    "no_arccos": (
        with_angle(cosine),
        "You take the cosine for the angle: the arc cosine, torch.acos, is missing.",
    ),
    "arcsin": (
        with_angle(lambda a, b: torch.asin(cosine(a, b))),
        "You take the arc sine of the cosine; the angle is its arc cosine, torch.acos.",
    ),
    "half_angle": (
        with_angle(lambda a, b: angle(a, b) / 2),
        "You use half the angle between z0 and z1.",
    ),
    "double_angle": (
        with_angle(lambda a, b: 2 * angle(a, b)),
        "You use twice the angle between z0 and z1.",
    ),
    "cosine_cut_at_0": (
        with_cosine(lambda a, b: cosine(a, b).clamp(min=0)),
        "Angles beyond 90° are cut to 90°: clamp the cosine to -1 … 1, not 0 … 1.",
    ),
    "absolute_cosine": (
        with_cosine(lambda a, b: cosine(a, b).abs()),
        "The sign of the cosine is lost, by abs: angles beyond 90° come out too small.",
    ),
    "shorter_way": (
        shorter_way,
        "Where the angle is above 90°, yours goes to -z1. That is right for rotations, where q and "
        "-q are one rotation; two noise vectors z1 and -z1 are different images.",
    ),
    "t_ignored": (lambda z0, z1, t: slerp(z0, z1, 0.5), "t does not enter: yours is the middle."),
    "start_only": (lambda z0, z1, t: z0, "Yours returns z0, whatever t is."),
    "end_only": (lambda z0, z1, t: z1, "Yours returns z1, whatever t is."),
    "squared_weights": (
        with_weights(lambda t, w: ((sin((1 - t) * w) / sin(w)) ** 2, (sin(t * w) / sin(w)) ** 2)),
        "The weights are squared. They are sines divided by a sine, without a square.",
    ),
    "no_division": (
        with_weights(lambda t, w: (sin((1 - t) * w), sin(t * w))),
        "The division by sin(w) is missing: at t = 0 the weight of z0 must be 1.",
    ),
    "one_division": (
        with_weights(lambda t, w: (sin((1 - t) * w), sin(t * w) / sin(w))),
        "Only the second term is divided by sin(w). Mind the brackets: both are.",
    ),
    "divided_by_angle": (
        with_weights(lambda t, w: (sin((1 - t) * w) / w, sin(t * w) / w)),
        "You divide by the angle w; divide by sin(w).",
    ),
    "divided_by_sum": (
        with_weights(
            lambda t, w: (
                sin((1 - t) * w) / (sin((1 - t) * w) + sin(t * w)),
                sin(t * w) / (sin((1 - t) * w) + sin(t * w)),
            )
        ),
        "Your weights sum to 1, which keeps you on the straight line. Divide by sin(w) instead.",
    ),
    "cosine_weights": (
        with_weights(lambda t, w: (torch.cos((1 - t) * w) / sin(w), torch.cos(t * w) / sin(w))),
        "The weights have a cosine where the sine belongs.",
    ),
    "bracket": (
        with_weights(lambda t, w: (sin(1 - t * w) / sin(w), sin(t * w) / sin(w))),
        "A bracket is misplaced: sin((1 - t) * w), not sin(1 - t * w).",
    ),
    "bracket_outside": (
        with_weights(lambda t, w: ((1 - t) * sin(w), t * sin(w))),
        "t stands outside of the sine: sin(t * w), not t * sin(w).",
    ),
    "quarter_circle": (
        with_weights(lambda t, w: (math.cos(t * math.pi / 2), math.sin(t * math.pi / 2))),
        "Your weights are those of a right angle. The angle between z0 and z1 must enter.",
    ),
    "second_sign": (
        with_weights(lambda t, w: (sin((1 - t) * w) / sin(w), -sin(t * w) / sin(w))),
        "The second term has the wrong sign: at t = 1 the result must be z1.",
    ),
    "unit_result": (on_unit_sphere, RESULT),
    "unit_result_normalised": (lambda z0, z1, t: normalize(slerp(z0, z1, t), dim=-1), RESULT),
    "root_weights": (
        lambda z0, z1, t: math.sqrt(1 - t) * z0 + math.sqrt(t) * z1,
        "Your weights are roots of 1 - t and t. The angle between z0 and z1 must enter.",
    ),
    "eased": (
        lambda z0, z1, t: slerp(z0, z1, t * t * (3 - 2 * t)),
        "You change t first (slow at both ends). t enters as it is.",
    ),
    "length_of_z0": (
        lambda z0, z1, t: on_unit_sphere(z0, z1, t) * lengths(z0, z1)[0],
        "The result has the length of z0 all the way: at t = 1 it must be z1 itself.",
    ),
    "length_of_z1": (
        lambda z0, z1, t: on_unit_sphere(z0, z1, t) * lengths(z0, z1)[1],
        "The result has the length of z1 all the way: at t = 0 it must be z0 itself.",
    ),
    "rescaled_line": (rescaled_line, NLERP),
    "rescaled_unit_line": (rescaled_unit_line, NLERP),
    "unit_line": (lambda z0, z1, t: normalize(lerp(z0, z1, t), dim=-1), NLERP + " " + RESULT),
    "line_of_constant_variance": (
        lambda z0, z1, t: lerp(z0, z1, t) / math.sqrt(t**2 + (1 - t) ** 2),
        "You divide the straight line by a number that depends on t alone. The angle between z0 "
        "and z1 must enter.",
    ),
}

"""How exercise 03 examines the formulas for the sizes of convolutions."""

import math

from gan_lessons.checks import core
from gan_lessons.checks.core import Mistake

CASES = [
    (size, kernel, stride, padding)
    for size in (7, 8, 14, 28)
    for kernel, stride, padding in (
        (1, 1, 0),
        (3, 1, 1),
        (3, 2, 1),
        (4, 2, 1),
        (5, 2, 2),
        (5, 1, 0),
        (4, 3, 0),
        (2, 2, 0),
        (7, 1, 2),
    )
]


def conv_size(size, kernel, stride, padding):
    return (size + 2 * padding - kernel) // stride + 1


def transposed_size(size, kernel, stride, padding):
    return (size - 1) * stride - 2 * padding + kernel


CONV_TWINS = {
    "transposed_formula": (
        transposed_size,
        "That is the size after a transposed convolution, which enlarges.",
    ),
    "not_whole": (
        lambda n, k, s, p: (n + 2 * p - k) / s + 1,
        "A kernel that does not fit any more is left out: divide with //, which rounds down.",
    ),
    "rounds_up": (
        lambda n, k, s, p: math.ceil((n + 2 * p - k) / s) + 1,
        "A kernel that sticks out is left out, not added: round down, with //.",
    ),
    "rounds_to_nearest": (
        lambda n, k, s, p: round((n + 2 * p - k) / s) + 1,
        "A kernel that sticks out is left out: round down, with //.",
    ),
    "padding_once": (
        lambda n, k, s, p: (n + p - k) // s + 1,
        "The padding stands on both sides.",
    ),
    "no_padding": (lambda n, k, s, p: (n - k) // s + 1, "The padding is missing."),
    "padding_subtracted": (
        lambda n, k, s, p: (n - 2 * p - k) // s + 1,
        "Padding makes the image larger before the kernel moves over it.",
    ),
    "one_missing": (
        lambda n, k, s, p: (n + 2 * p - k) // s,
        "The first place of the kernel counts too: + 1.",
    ),
    "one_inside": (
        lambda n, k, s, p: (n + 2 * p - k + 1) // s,
        "The + 1 is the kernel's first place. It stands outside the division.",
    ),
    "kernel_added": (
        lambda n, k, s, p: (n + 2 * p + k) // s + 1,
        "A larger kernel has fewer places to stand: subtract it.",
    ),
    "no_kernel_plus_one": (
        lambda n, k, s, p: (n + 2 * p) // s + 1,
        "The kernel is missing: a larger one has fewer places to stand.",
    ),
    "no_kernel": (
        lambda n, k, s, p: (n + 2 * p) // s,
        "The kernel is missing: a larger one has fewer places to stand.",
    ),
    "stride_only": (
        lambda n, k, s, p: n // s,
        "That holds only when kernel and padding suit each other, as 4 and 1 do for stride 2.",
    ),
    "same_padding": (
        lambda n, k, s, p: math.ceil(n / s),
        "That is the size with other libraries' padding 'same'. Here the kernel and the padding "
        "that you are given decide.",
    ),
    "always_half": (
        lambda n, k, s, p: n // 2,
        "Only stride 2 halves, and only when kernel and padding suit it. Use all four arguments.",
    ),
    "no_stride": (
        lambda n, k, s, p: n + 2 * p - k + 1,
        "The stride is missing: the kernel moves by `stride` pixels from place to place.",
    ),
    "kernel_less_one": (
        lambda n, k, s, p: (n + 2 * p - (k - 1)) // s + 1,
        "Is a 1 counted twice? The whole kernel is subtracted, and the + 1 stands outside the "
        "division.",
    ),
    "stride_and_padding_swapped": (
        lambda n, k, s, p: (n + 2 * s - k) // max(p, 1) + 1,
        "Stride and padding seem to be swapped.",
    ),
    "kernel_and_stride_swapped": (
        lambda n, k, s, p: (n + 2 * p - s) // k + 1,
        "Kernel and stride seem to be swapped: subtract the kernel, divide by the stride.",
    ),
}
TRANSPOSED_TWINS = {
    "conv_formula": (conv_size, "That is the size after an ordinary convolution, which shrinks."),
    "last_step_too_many": (
        lambda n, k, s, p: n * s - 2 * p + k,
        "From the first place to the last there are size - 1 steps, not size.",
    ),
    "padding_added": (
        lambda n, k, s, p: (n - 1) * s + 2 * p + k,
        "Here the padding is cut off at both sides: it makes the output smaller.",
    ),
    "padding_once": (
        lambda n, k, s, p: (n - 1) * s - p + k,
        "The padding is cut off at both sides.",
    ),
    "no_padding": (lambda n, k, s, p: (n - 1) * s + k, "The padding is missing."),
    "no_kernel": (
        lambda n, k, s, p: (n - 1) * s - 2 * p,
        "The kernel is missing: the last pixel still paints a whole one.",
    ),
    "one_too_many": (
        lambda n, k, s, p: (n - 1) * s - 2 * p + k + 1,
        "That is 1 too large: the + 1 belongs to the ordinary convolution (or to output_padding).",
    ),
    "one_missing": (
        lambda n, k, s, p: (n - 1) * s - 2 * p + k - 1,
        "That is 1 too small: the last pixel paints a whole kernel.",
    ),
    "stride_only": (
        lambda n, k, s, p: n * s,
        "That holds only when kernel and padding suit each other, as 4 and 1 do for stride 2.",
    ),
    "always_double": (
        lambda n, k, s, p: n * 2,
        "Only stride 2 doubles, and only when kernel and padding suit it. Use all four arguments.",
    ),
    "with_output_padding": (
        lambda n, k, s, p: (n - 1) * s - 2 * p + k + s - 1,
        "That is the size with output_padding = stride - 1; the layer has none.",
    ),
    "kernel_subtracted": (
        lambda n, k, s, p: (n - 1) * s - 2 * p - k,
        "The kernel is added: the last pixel paints a whole one.",
    ),
    "stride_and_padding_swapped": (
        lambda n, k, s, p: (n - 1) * p - 2 * s + k,
        "Stride and padding seem to be swapped.",
    ),
    "kernel_and_stride_swapped": (
        lambda n, k, s, p: (n - 1) * k - 2 * p + s,
        "Kernel and stride seem to be swapped: the steps are `stride` long, and one kernel is "
        "added.",
    ),
}


def draw(right, size, kernel, stride, padding):
    """One case, place by place."""
    if right is conv_size:
        places = range(0, size + 2 * padding - kernel + 1, stride)
        return (
            f"Draw it: the padded image is {size + 2 * padding} pixels wide, and the kernel stands "
            f"at the pixels {', '.join(map(str, places[:3]))}, … up to {places[-1]}."
        )
    last = (size - 1) * stride
    return (
        f"Draw it: the {size} kernels start at the pixels 0, {stride}, … up to {last}; each is "
        f"{kernel} wide; then padding {padding} is cut off at both sides."
    )


def examine_size(right, twins):
    """A checker of one size formula."""

    def examine(answer):
        found = []
        for case in CASES:
            value = core.attempted(answer(*case))
            several = isinstance(value, tuple | list) or getattr(value, "ndim", 0) > 0
            if several or isinstance(value, str | bool):
                said = (
                    repr(value) if not hasattr(value, "ndim") else f"{tuple(value.shape)} of them"
                )
                said = f"The size is one whole number, but yours is {said}."
                raise Mistake("wrong_type", said)
            found.append(float(core.scalar(value, "the size")))
        wanted = [float(right(*case)) for case in CASES]
        if found == wanted:
            return
        i = next(i for i, pair in enumerate(zip(found, wanted, strict=True)) if pair[0] != pair[1])
        size, kernel, stride, padding = CASES[i]
        said = (
            f"For size {size}, kernel {kernel}, stride {stride}, padding {padding} it gives "
            f"{found[i]:g}; PyTorch's layer makes {wanted[i]:g}. "
        )
        for id, (twin, look) in twins.items():
            if found == [float(twin(*case)) for case in CASES]:
                raise Mistake(id, said + look)
        if any(value != int(value) for value in found):
            raise Mistake("not_whole", said + "A size is a whole number of pixels: use //.")
        if len(set(found)) == 1:
            raise Mistake("constant", said + "Yours is the same in all cases: use the arguments.")
        squares = [value**2 for value in wanted]
        if found == squares:
            raise Mistake("area", said + "That is the number of all pixels; asked is the width.")
        raise Mistake("wrong_size", said + draw(right, *CASES[i]))

    return examine

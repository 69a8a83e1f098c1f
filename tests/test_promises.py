"""The numbers in the README's table of promises are those of the stored tables."""

import re

import pytest

from gan_lessons import storage
from gan_lessons.metrics import confidence_interval
from gan_lessons.protocols import detection, examples, series
from gan_lessons.studies import deepfakes
from tools.sources import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def augmentation():
    """Points of accuracy gained by 100 GAN samples a class: the mean of 16 cells, over splits."""
    gains = {}
    for c in storage.load_table("augmentation")["cells"]:
        for classifier in ("weak", "strong"):
            gain = 100 * (c[classifier]["GAN added"] - c[classifier]["real"])
            gains.setdefault(c["split"], []).append(gain)
    return confidence_interval([sum(cells) / len(cells) for cells in gains.values()])


def simulation():
    """The GAN's expected shortfall over that of the history it learned from, over seeds."""
    pytest.importorskip("arch")
    history = series.measures(examples.oil_returns()[0].unfold(0, series.DAYS, 1))["ES"]
    rows = storage.load_table("simulation")["rows"]
    return confidence_interval([r["measures"]["ES"] / history for r in rows if r["model"] == "GAN"])


def privacy():
    """AUC of the calibrated attack on GANs of 200 images, over seeds."""
    rows = storage.load_table("privacy")["attacks"]
    return confidence_interval([r["attacks"]["calibrated"]["auc"] for r in rows if r["n"] == 200])


def sound_motion_text():
    """Share of the GAN's videos that keep one shape, over seeds."""
    rows = storage.load_table("media_videos")["rows"]
    return confidence_interval([r["shape"] for r in rows if r["source"] == "GAN"])


def another_seed():
    """AUC of a CNN on the DCGANs that it has not met, over detectors and generators."""
    square = deepfakes.matrix(storage.load_table("deepfakes"), "CNN", "DCGAN")
    return detection.crossed(detection.strangers(square))


@pytest.mark.parametrize(
    ("lesson", "measured"),
    [
        ("12_augmentation", augmentation),
        ("13_simulation", simulation),
        ("14_privacy", privacy),
        ("15_sound_motion_text", sound_motion_text),
        ("16_deepfakes", another_seed),
    ],
)
def test_the_number_of_a_promise_is_that_of_its_table(lesson, measured):
    table = README[README.index("## Promises, tested") : README.index("## For teachers")]
    (row,) = [line for line in table.splitlines() if lesson in line]
    number = r"(−?\d*\.\d+)"
    said = re.findall(rf"{number} \[{number}, {number}\]", row)
    assert len(said) == 1, "one number a row"
    found = measured()
    said = [float(x.replace("−", "-")) for x in said[0]]
    assert said == pytest.approx([found.value, found.low, found.high], abs=0.00501)
    assert re.search(r"\b(seeds|splits|detectors)\b", row.split("|")[4]), "what was repeated"

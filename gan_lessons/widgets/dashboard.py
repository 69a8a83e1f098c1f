"""The dashboard: what a run of `fit` does, while it does it, with a hand on its switches."""

import contextlib
import io
import time

import ipywidgets
import numpy as np
import torch
from IPython import get_ipython
from IPython.display import display
from PIL import Image, ImageDraw

from gan_lessons.show import D_COLOUR, FAKE, G_COLOUR, tile
from gan_lessons.widgets.frames import SIDE, SIZE, draw_curves, font, thin, to_pixels
from gan_lessons.widgets.output import bundle, caption, pump


class Dashboard:
    """Live samples, losses and a metric, with buttons; pass it to `fit` as `on_step`.

    The buttons work while the cell runs: between two steps the dashboard reads the kernel's
    messages, as ipykernel 6 (Colab) and 7 hold them. With another kernel, the notebook's own stop
    button still ends `fit`. Where nothing runs, one picture of the end stays.

    Parameters
    ----------
    steps : int
        As given to `fit`, for the time left.
    labels : tuple
        For a conditional GAN: the labels of the samples shown, as in `gan.sample`; ten in a row.
    metric : function gan -> float, optional
        Called at every refresh but the first, so it should take under a second.
    name : str
        The metric's.
    every : float
        Seconds between two refreshes; more where a refresh takes over a 25th of that.
    """

    def __init__(self, steps, *, labels=(), metric=None, name="metric", every=1.0):
        self.steps, self.labels, self.metric, self.name = steps, labels, metric, name
        self.every, self.state, self.rates = every, "running", {}
        self.measured, self.box, self.last = [], None, None

    def open(self, step, gan):
        """The widget, in the output of the cell that runs `fit`."""
        self.state, self.measured, self.first = "running", [], step
        self.start = self.pumped = time.perf_counter()
        self.due, self.waited = 0.0, 0.0
        self.picture = ipywidgets.Image(
            format="png", layout={"width": "820px", "max_width": "100%"}
        )
        self.sentence = ipywidgets.HTML()
        self.pause, self.stop = (
            ipywidgets.Button(description=name, tooltip=f"{name} the training")
            for name in ("Pause", "Stop")
        )
        self.pause.on_click(self.pause_or_go_on)
        self.stop.on_click(lambda _: setattr(self, "state", "stopped"))
        sliders = [self.slider(who, getattr(gan, f"opt_{who}")) for who in "DG"]
        rows = [[self.pause, self.stop], [self.picture], [self.sentence], sliders]
        rows = [ipywidgets.HBox(row, layout={"flex_flow": "row wrap"}) for row in rows]
        self.box = ipywidgets.VBox(rows)
        self.shown = display(bundle(self.box, "The dashboard."), raw=True, display_id=True)
        self.said = display(caption(""), raw=True, display_id=True)
        if get_ipython() is not None:
            get_ipython().events.register("post_run_cell", self.close)

    def slider(self, who, optimiser):
        """A learning rate; its new value waits until the next step, in the cell's own thread."""
        slider = ipywidgets.FloatLogSlider(
            description=f"Learning rate of {who}",
            base=10,
            min=-6,
            max=-1,
            step=0.1,
            value=optimiser.param_groups[0]["lr"],
            readout_format=".1e",
            style={"description_width": "11em"},
            layout={"width": "390px"},
        )
        slider.tooltip = slider.description
        slider.observe(lambda change: self.rates.update({who: change["new"]}), names="value")
        return slider

    def pause_or_go_on(self, _):
        self.state = {"running": "paused", "paused": "running"}.get(self.state, self.state)
        self.pause.description = "Go on" if self.state == "paused" else "Pause"

    def __call__(self, step, gan, history):
        """What `fit` calls after each step; True ends the run."""
        if self.box is None:
            self.open(step, gan)
        now = time.perf_counter()
        if now - self.pumped > 0.1:
            pump()
            self.pumped = now
        self.last = step, gan, history
        if self.state == "paused":
            self.refresh()
        while self.state == "paused":
            time.sleep(0.05)
            pump()
            self.waited += 0.05
        for who in list(self.rates):
            getattr(gan, f"opt_{who}").param_groups[0]["lr"] = self.rates.pop(who)
        ends = self.state == "stopped" or step + 1 == self.first + self.steps
        if now >= self.due and not ends:
            self.refresh()
            end = time.perf_counter()
            self.due = end + max(self.every, 25 * (end - now))
        if ends and get_ipython() is None:
            self.close()
        return self.state == "stopped"

    def refresh(self):
        """Measure, draw, and say it in words."""
        step, gan, history = self.last
        with torch.random.fork_rng(devices=[]):  # a run with a dashboard equals one without
            if self.metric is not None and step > self.first:  # an untrained G would fill the chart
                self.measured.append(float(self.metric(gan)))
            samples = gan.sample(len(self.labels[0]) if self.labels else 64, *self.labels)
        done = step + 1 - self.first
        each = (time.perf_counter() - self.start - self.waited) / done
        left = f"{each * (self.steps - done):.0f} s left at " if self.state == "running" else ""
        self.text = (
            f"Step {step + 1}, {self.state}. Loss of D {history.d_loss[-1]:.2f}, "
            f"of G {history.g_loss[-1]:.2f}. "
            + (f"{self.name}: {self.measured[-1]:.3g}. " if self.measured else "")
            + f"{left}{1 / each:.0f} steps a second."
        )
        self.picture.value = self.draw(samples, history)
        self.sentence.value = caption(self.text)["text/html"]

    def draw(self, samples, history):
        """Samples on the left, losses and metric on the right, as the bytes of a PNG."""
        image = Image.new("RGB", SIZE, "white")
        pen = ImageDraw.Draw(image)
        if samples.ndim == 4:
            columns = 10 if self.labels else 8  # ten classes, side by side
            part = Image.fromarray((tile(samples, columns) * 255).astype(np.uint8))
            part.thumbnail((SIDE, SIDE))
            image.paste(part.resize((SIDE, SIDE * part.height // part.width)), (0, 0))
        else:
            pen.text((6, 4), "Samples of the averaged G", fill="black", font=font(12))
            for x, y in to_pixels(samples[:, :2]):
                pen.ellipse([x - 2, y - 2, x + 2, y + 2], fill=FAKE)
        curves = [thin(values) for values in (history.d_loss, history.g_loss)]
        flat = [v for values in curves for v in values if np.isfinite(v)] or [0]
        low, high = min(0, *flat, 0), max(2, *flat)
        pairs = list(zip(curves, (D_COLOUR, G_COLOUR), strict=True))
        draw_curves(pen, 6, 190, "Losses of D (green) and G (pink)", pairs, low, high)
        if self.measured:
            title = f"{self.name}: {self.measured[-1]:.3g}"
            high = max(self.measured) or 1
            values = [(self.measured, FAKE)]
            draw_curves(pen, 216, 190, title, values, min(0, *self.measured, 0), high)
        buffer = io.BytesIO()
        image.save(buffer, format="png", compress_level=1)
        return buffer.getvalue()

    def close(self, *_):
        """Leave the last picture in the output; `fit` is over, whatever ended it."""
        if get_ipython() is not None:
            with contextlib.suppress(ValueError):
                get_ipython().events.unregister("post_run_cell", self.close)
        if self.box is None or self.last is None:
            return
        self.state = "stopped" if self.state == "stopped" else "finished"
        self.refresh()
        if self.shown is None:  # a script: display has no handle there
            return
        self.pause.disabled = self.stop.disabled = True
        small = io.BytesIO()  # the one that a saved notebook keeps
        image = Image.open(io.BytesIO(self.picture.value))
        image = image.quantize(64, Image.Quantize.MAXCOVERAGE)  # the median cut loses thin lines
        image.save(small, "png", optimize=True)
        png = small.getvalue()
        self.shown.update(
            bundle(self.box, self.text, png), raw=True, metadata={"image/png": {"alt": self.text}}
        )
        self.said.update(caption("At the end: " + self.text), raw=True)
        self.box = self.last = None

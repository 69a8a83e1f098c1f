"""The playground: a GAN in the plane that trains while you turn its knobs."""

import asyncio
import dataclasses
import html
import time

import ipywidgets
import torch

from gan_lessons.widgets.frames import frame
from gan_lessons.widgets.game import Game
from gan_lessons.widgets.output import loop_of_kernel, show_box
from gan_lessons.widgets.presets import DATA, LOSSES, OWN, PRESETS, parse

TURN = 0.05  # seconds of training between two frames
ALONE = 600  # seconds without a hand on a control, after which a run pauses itself
WIDE = {"description_width": "11em"}


def playground(preset="healthy", *, steps=400, seed=0, **changes):
    """Show a GAN in the plane that trains live, with controls for all that matters.

    Tab goes from control to control; Space or Enter presses a button, arrow keys move a slider.
    Own points are typed, or added with two sliders and a button: core widgets, the only ones that
    work in JupyterLab and in Colab, have no surface that can be clicked.

    While it runs it is a task on the kernel's event loop: no thread and no timer, and other cells
    still run. It ends when its cell is run again, when another playground starts, when its widget
    is closed or the kernel ends. The kernel isn't told that a tab was closed; a run that nobody
    touches for ten minutes pauses itself. Without a front end nothing runs and the picture stays.

    Parameters
    ----------
    preset : str
        One of `presets.PRESETS`: "healthy", "mode collapse", "D too strong", "circling".
    steps : int
        Steps behind the stored picture, for pages where nothing runs. The playground starts at 0.
    seed : int
    changes
        Settings that differ from the preset's: `lr_g=0.01`, `data="grid"`, `labels=True`, ….

    Returns
    -------
    Playground
        Its `game` holds the GAN, its `settings` what the controls say.
    """
    if preset not in PRESETS:
        raise ValueError(f"preset is one of {', '.join(map(repr, PRESETS))}, not {preset!r}.")
    settings = dataclasses.replace(PRESETS[preset], **changes)
    with torch.random.fork_rng(devices=[]):  # the lesson's own random numbers stay as they are
        shown = Game(settings, seed)
        for step in range(1, steps + 1):
            shown.round()
            if step % 20 == 0:
                shown.look()
        play = Playground(settings, seed, preset)
    text = f'The playground, preset "{preset}". {shown.sentence()}'
    show_box(play.box, frame(shown), text, "The stored picture: ")
    return play


class Playground:
    """The controls, the picture, and the task that trains; `playground` makes and shows one."""

    active = None  # the one that may run

    def __init__(self, settings, seed=0, preset="healthy"):
        if Playground.active is not None:
            Playground.active.pause()
        self.settings, self.preset, self.task = settings, preset, None
        self.game = Game(settings, seed)
        self.loop, self.touched = loop_of_kernel(), time.monotonic()
        self.frames, self.rate = 0, (0.0, 0.0)
        self.picture = ipywidgets.Image(
            format="png", layout={"width": "820px", "max_width": "100%"}
        )
        self.sentence, self.note = ipywidgets.HTML(), ipywidgets.HTML()
        self.code = ipywidgets.Textarea(
            description="Code",
            rows=17,
            layout={"width": "98%", "display": "none"},
        )
        self.controls = self.knobs(settings)
        buttons = [
            self.button("Start", "Train, or pause", self.start_or_pause),
            self.button("Step D", "One step of the discriminator", lambda: self.one("step_d")),
            self.button("Step G", "One step of the generator", lambda: self.one("step_g")),
            self.button("Reset", "New networks, step 0", self.reset),
            self.button("Show me the code", "The lines that train this with fit", self.show_code),
        ]
        self.start = buttons[0]
        knobs = self.controls
        self.own = ipywidgets.HBox(
            [knobs["points"], *self.adder()], layout={"flex_flow": "row wrap"}
        )
        names = ("preset", "data", "loss", "lr_d", "lr_g", "d_steps", "width", "z_dim", "labels")
        names += ("shown", "slow")
        rows = [
            ipywidgets.HBox(buttons, layout={"flex_flow": "row wrap"}),
            self.picture,
            self.sentence,
            ipywidgets.HBox([knobs[n] for n in names], layout={"flex_flow": "row wrap"}),
            self.own,
            self.note,
            self.code,
        ]
        self.box = ipywidgets.VBox(rows)
        self.draw()

    def knobs(self, s):
        """One control for each setting, by its name in `Settings`."""

        def choice(description, options, value):
            return ipywidgets.Dropdown(description=description, options=options, value=value)

        def rate(who, value):
            return ipywidgets.FloatLogSlider(
                description=f"Learning rate of {who}",
                base=10,
                min=-5,
                max=-1,
                step=0.1,
                value=value,
                readout_format=".1e",
            )

        knobs = {
            "preset": choice("Preset", list(PRESETS), self.preset),
            "data": choice("Data", [*DATA, OWN], s.data),
            "loss": choice("Loss", list(LOSSES), s.loss),
            "lr_d": rate("D", s.lr_d),
            "lr_g": rate("G", s.lr_g),
            "d_steps": ipywidgets.IntSlider(
                description="D steps per G step", min=1, max=10, value=s.d_steps
            ),
            "width": choice("Width (restarts)", [8, 16, 32, 64, 128], s.width),
            "z_dim": choice("Noise dim. (restarts)", [1, 2, 4, 8], s.z_dim),
            "labels": ipywidgets.Checkbox(description="Labels (restarts)", value=s.labels),
            "shown": ipywidgets.IntSlider(description="Mode shown", min=0, value=0),
            "slow": ipywidgets.Checkbox(description="Slow motion", value=False, indent=True),
            "points": ipywidgets.Text(
                description="Own points", value=s.points, continuous_update=False
            ),
        }
        for name, control in knobs.items():
            control.style, control.layout = WIDE, {"width": "390px"}
            control.tooltip = control.description
            control.observe(lambda change, name=name: self.turned(name, change["new"]), "value")
        return knobs

    def button(self, description, tooltip, action):
        button = ipywidgets.Button(description=description, tooltip=tooltip)
        if len(description) > 12:
            button.layout = {"width": "160px"}
        button.on_click(lambda _: self.later(action))
        return button

    def adder(self):
        """Two sliders and a button that add an own point."""
        x, y = (
            ipywidgets.FloatSlider(
                description=name,
                min=-1.5,
                max=1.5,
                step=0.1,
                value=0.5,
                style=WIDE,
                layout={"width": "330px"},
            )
            for name in ("x", "y")
        )

        def add():
            text = self.controls["points"].value.strip().rstrip(";")
            point = f"{x.value:g} {y.value:g}"
            self.controls["points"].value = f"{text}; {point}" if text else point
            self.controls["data"].value = OWN

        x.tooltip, y.tooltip = "x of the point to add", "y of the point to add"
        return x, y, self.button("Add point", "Add the point x, y to the own points", add)

    # Events may come from another thread (ipykernel 7), so all that they do happens on the loop.

    def later(self, action):
        """Do something on the kernel's event loop, between two turns of the training."""
        self.touched = time.monotonic()
        if self.loop is None:
            action()
        else:
            self.loop.call_soon_threadsafe(action)

    def turned(self, name, value):
        self.later(lambda: self.change(name, value))

    def change(self, name, value):
        """A control has a new value."""
        if name == "slow":
            return
        if name == "shown":
            self.game.shown = value
            return self.draw()
        if name == "preset":
            self.preset, self.settings = value, PRESETS[value]
            self.game.settings = self.settings
            for key, setting in dataclasses.asdict(self.settings).items():
                if key in self.controls:  # its own change finds nothing new to do
                    self.controls[key].value = setting
            return self.reset()
        if getattr(self.settings, name) == value:
            return
        self.note.value = ""
        try:
            if name == "points":
                parse(value)
        except ValueError as error:
            self.note.value = f"<b>{html.escape(str(error))}</b>"
            return
        self.settings = dataclasses.replace(self.settings, **{name: value})
        self.game.change(self.settings)
        self.code.layout.display = "none"  # it would no longer be the present setting's
        self.draw()

    def start_or_pause(self):
        """Begin to train, or stop after this turn; without an event loop it can't run."""
        if self.task is not None:
            self.pause()
        elif self.loop is not None:
            if Playground.active is not None:
                Playground.active.pause()
            Playground.active = self
            self.task = self.loop.create_task(self.run())
            self.start.description = "Pause"

    def pause(self):
        if self.task is not None:
            self.task.cancel()
            self.task = None
        self.start.description = "Start"

    async def run(self):
        """Train for TURN seconds, draw, let the kernel breathe; again."""
        start, first, frames = time.monotonic(), self.game.gan.steps, self.frames
        try:
            while self.game.alive and time.monotonic() - self.touched < ALONE:
                end, slow = time.monotonic() + TURN, self.controls["slow"].value
                self.game.round()
                while not slow and time.monotonic() < end and self.game.alive:
                    self.game.round()
                self.game.look()
                self.draw()
                seconds, steps = time.monotonic() - start, self.game.gan.steps - first
                self.rate = (self.frames - frames) / seconds, steps / seconds
                await asyncio.sleep(0.5 if slow else 0.002)
        except Exception as error:  # nobody awaits the task, so nobody else would see it
            self.note.value = f"<b>{html.escape(f'It stopped: {error}')}</b>"
        self.task = None
        self.pause()

    def one(self, step):
        """One step of one player, by hand."""
        self.pause()
        getattr(self.game, step)()
        self.game.look()
        self.draw()

    def reset(self):
        self.game.reset()
        self.draw()

    def draw(self):
        """Show the game as it is."""
        shown = self.controls["shown"]
        shown.max = len(self.game.mixture.means) - 1
        shown.disabled = not self.settings.labels
        self.picture.value = frame(self.game)
        self.frames += 1
        self.sentence.value = f"<small>{html.escape(self.game.sentence())}</small>"

    def show_code(self):
        self.code.value = self.settings.code(max(self.game.gan.steps, 1000), self.game.seed)
        self.code.layout.display = ""

    def close(self):
        """End the task and take the widget from the page."""
        self.pause()
        self.box.close()

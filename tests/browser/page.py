"""A notebook open in JupyterLab: used as a person would, read through JupyterLab's own model."""

import re
import time

# expose_app_in_browser gives the page `jupyterapp`. Prompts are no help: folded cells have none.
READY = """() => window.jupyterapp?.shell.currentWidget?.context?.sessionContext
    ?.session?.kernel?.status === 'idle'"""
STATE = """() => {
    const panel = jupyterapp.shell.currentWidget;
    const cells = [...panel.content.model.cells].filter(c => c.type === 'code');
    const waiting = cells.filter(c => c.sharedModel.getSource().trim() && !c.executionCount);
    return {
        kernel: panel.context.sessionContext.session?.kernel?.status ?? 'none',
        done: cells.length - waiting.length,
        total: cells.length,
        next: waiting[0]?.sharedModel.getSource().trim().split('\\n')[0] ?? '',
        running: cells.filter(c => c.executionState === 'running').length,
    };
}"""
CELLS = "() => jupyterapp.shell.currentWidget.content.model.toJSON().cells"
CLIPPED = """() => [...document.querySelectorAll('.jp-OutputArea .widget-label')]
    .filter(e => e.scrollWidth > e.clientWidth).map(e => e.textContent)"""
SCROLLED = """step => {
    const all = [...document.querySelectorAll('.jp-Notebook, .jp-Notebook *')];
    const page = all.find(e => e.scrollHeight > e.clientHeight + 20
        && getComputedStyle(e).overflowY !== 'visible' && e.clientHeight > 300);
    if (!page) return false;
    const before = page.scrollTop;
    page.scrollTop = step === 0 ? 0 : before + step * (page.clientHeight - 60);
    return page.scrollTop !== before;
}"""
PICTURE = """async image => {
    const bytes = new Uint8Array(await (await fetch(image.src)).arrayBuffer());
    return Array.from(bytes).join();
}"""


class Page:
    """One notebook in the browser.

    Parameters
    ----------
    page : playwright Page
    address : str
    """

    def __init__(self, page, address):
        self.page = page
        page.goto(address)
        page.wait_for_function(READY, timeout=60_000)
        assert page.locator(".jp-Dialog").count() == 0, page.locator(".jp-Dialog").inner_text()

    def menu(self, menu, command):
        """Choose an entry of the menu bar."""
        self.page.get_by_role("menuitem", name=menu, exact=True).click()
        self.page.locator(f'.lm-Menu-item[data-command="{command}"]').click()

    def run_all(self, limit):
        """Clear all outputs, Run All Cells, and wait until every code cell ran.

        Parameters
        ----------
        limit : float
            Seconds.
        """
        start = said = time.monotonic()
        self.menu("Edit", "editmenu:clear-all")
        self.menu("Run", "runmenu:run-all")
        idle = 0  # looks at the page in which nothing ran
        while True:
            self.page.wait_for_timeout(500)
            state = self.page.evaluate(STATE)
            seconds = time.monotonic() - start
            if state["done"] == state["total"]:
                print(f"  {state['total']} cells ran in {seconds:.0f} s", flush=True)
                return seconds
            # The kernel's status does not tell: a progress bar makes it "idle" while a cell runs.
            idle = 0 if state["running"] else idle + 1
            if idle > 10 and not state["done"]:  # a kernel that still connects loses Run All
                self.menu("Run", "runmenu:run-all")
                idle = 0
            assert idle <= 10, f"Nothing runs, but cells wait. {state} {self.problems()}"
            assert state["kernel"] not in ("dead", "none"), f"The kernel died. {state}"
            assert seconds < limit, f"Not ready after {limit} s. {state}"
            if time.monotonic() - said > 15:
                said = time.monotonic()
                done = f"{state['done']} of {state['total']} cells"
                print(f"  {seconds:4.0f} s: {done}; now {state['next']}", flush=True)

    def cells(self):
        """The notebook's cells, as in its file."""
        return self.page.evaluate(CELLS)

    def problems(self):
        """What should not be in the outputs, one sentence each."""
        found = []
        for cell in self.cells():
            outputs = cell.get("outputs", [])
            start = "".join(cell["source"])[:60]
            for output, after in zip(outputs, [*outputs, {}][1:], strict=True):
                data = output.get("data", {})
                text = "".join(output.get("text", "")) + "".join(data.get("text/html", ""))
                if output["output_type"] == "error":
                    found.append(f"{output['ename']}: {output['evalue']} (in {start!r})")
                if output.get("name") == "stderr":
                    found.append(f"stderr: {text!r} (in {start!r})")
                if re.search(r"\w*Warning\b", text):
                    found.append(f"a warning: {text!r} (in {start!r})")
                caption = "".join(after.get("data", {}).get("text/html", ""))
                if "image/png" in data and not caption.startswith("<small>"):
                    found.append(f"a figure without a caption (in {start!r})")
        if red := self.page.locator(".progress-bar-danger").count():
            found.append(f"{red} progress bars are red, as after a failure")
        found += [f"a clipped label: {label!r}" for label in self.page.evaluate(CLIPPED)]
        return found

    def cell(self, text):
        """The code cell that contains a text."""
        cells = self.page.locator(".jp-CodeCell").filter(has_text=text)
        assert cells.count() == 1, f"{cells.count()} cells contain {text!r}"
        return cells.first

    def write(self, old, new):
        """Replace the code of the cell that contains a text."""
        self.cell(old).locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(new)

    def run(self, text):
        """Run one cell with the keyboard and wait for the kernel."""
        self.cell(text).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_timeout(500)
        self.page.wait_for_function(READY, timeout=60_000)
        self.page.wait_for_timeout(200)

    def picture(self, locator):
        """The bytes of an image, to see whether it changed."""
        return locator.evaluate(PICTURE)

    def screenshots(self, folder, name, widths=(1280, 800)):
        """Scroll through the notebook at each width and keep what is seen."""
        folder.mkdir(parents=True, exist_ok=True)
        for width in widths:
            for old in folder.glob(f"{name}_{width}_*.png"):
                old.unlink()
            # Twice the usual height: each picture costs half a second.
            self.page.set_viewport_size({"width": width, "height": 2000})
            self.page.wait_for_timeout(500)
            self.page.evaluate(SCROLLED, 0)
            for number in range(30):
                self.page.wait_for_timeout(150)
                self.page.screenshot(path=folder / f"{name}_{width}_{number:02d}.png")
                if not self.page.evaluate(SCROLLED, 1):
                    break
        self.page.set_viewport_size({"width": 1280, "height": 1000})

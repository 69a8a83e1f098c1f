"""What every tool here needs: one output with a widget and its picture, and the kernel's loop."""

import asyncio
import base64
import html

from IPython import get_ipython
from IPython.display import display


def bundle(box, text, png=None):
    """What `display(…, raw=True)` takes to show a widget, and the picture where nothing runs."""
    if hasattr(box, "_repr_mimebundle_"):  # ipywidgets 8
        parts = dict(box._repr_mimebundle_(include=None, exclude=None))
    else:  # ipywidgets 7, as in Colab
        view = {"version_major": 2, "version_minor": 0, "model_id": box.model_id}
        parts = {"application/vnd.jupyter.widget-view+json": view}
    parts["text/plain"] = text
    if png is not None:
        parts["image/png"] = base64.b64encode(png).decode()
    return parts


def caption(text):
    """A caption that everyone can read, below a picture whose alt text says the same."""
    return {"text/html": f"<small>{html.escape(text)}</small>", "text/plain": ""}


def show_box(box, png, text, before=""):
    """Show a widget; where nothing runs, its picture stays, with `text` as alt text and, after the
    words `before`, as caption.
    """
    display(bundle(box, text, png), metadata={"image/png": {"alt": text}}, raw=True)
    display(caption(before + text), raw=True)


def kernel():
    """The notebook's kernel, or None in a script or a terminal."""
    return getattr(get_ipython(), "kernel", None)


def loop_of_kernel():
    """The event loop on which a task can run beside the cells, or None."""
    if kernel() is None:
        return None
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def pump():
    """While a cell runs, do what widgets ask for; other messages wait for the end of the cell.

    A kernel reads its messages between cells, so this looks for them itself. It knows how
    ipykernel 6 (Colab) and 7 hold them; with another kernel nothing happens.
    """
    this = kernel()
    if hasattr(this, "msg_queue"):  # ipykernel 6
        socket, main = this.shell_stream.socket, this.schedule_dispatch
        arguments = (this.dispatch_shell,)
    elif getattr(this, "shell_channel_thread", None) is not None:  # ipykernel 7
        manager = this.shell_channel_thread.manager
        socket = manager.get_shell_channel_to_subshell_pair(None).to_socket
        main, arguments = this.io_loop.add_callback, (this.shell_main, None)
    else:
        return
    import zmq

    while True:
        try:
            parts = socket.recv_multipart(zmq.NOBLOCK, copy=False)
        except zmq.Again:
            return
        rest = this.session.feed_identities(parts, copy=False)[1]
        header = this.session.deserialize(rest, content=False, copy=False)["header"]
        if not header["msg_type"].startswith("comm_"):
            main(*arguments, parts)
            continue
        message = this.session.deserialize(rest, copy=False)
        this.shell_handlers[header["msg_type"]](this.shell_stream, [], message)
        this._publish_status("idle", "shell", parent=message)  # a slider waits for it

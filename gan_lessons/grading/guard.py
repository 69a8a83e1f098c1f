"""An audit hook that keeps a process in its folder; Python has no way to take it off again."""

import os
import sys
from pathlib import Path

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# event -> how many of its first arguments are paths that it changes
CHANGES = {"os.remove": 1, "os.rmdir": 1, "os.mkdir": 1, "os.truncate": 1, "os.chmod": 1}
CHANGES |= {"os.chown": 1, "os.rename": 2, "os.link": 2, "os.symlink": 2, "shutil.rmtree": 1}
CHANGES |= {"shutil.move": 2}
PROCESSES = {"subprocess.Popen", "os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn"}
PROCESSES |= {"os.system", "os.startfile", "os.kill", "os.killpg"}


def stay_in(folder):
    """From now on, refuse to change files outside of a folder, to start or end processes, and to
    connect to another machine. Raises PermissionError in the code that tries.
    """
    import torch

    # What torch does only once must be over: some of it starts programs.
    weight = torch.zeros(1, requires_grad=True)
    torch.optim.Adam([weight], fused=True)
    home, null = Path(folder).resolve(), os.path.realpath(os.devnull)

    def inside(path):
        if isinstance(path, int) or path is None:  # open already
            return True
        path = os.path.realpath(os.fsdecode(path))
        return path == null or Path(path).is_relative_to(home)

    def hook(event, arguments):
        if event in PROCESSES:
            raise PermissionError("The grader does not let a notebook start or end processes.")
        paths = ()
        if event == "open":
            _, mode, flags = arguments
            if (flags or 0) & WRITES or (mode and set(str(mode)) & set("wax+")):
                paths = arguments[:1]
        elif event in CHANGES:
            paths = arguments[: CHANGES[event]]
        elif event == "socket.connect":
            place = arguments[1]
            if isinstance(place, tuple) and place[0] not in ("127.0.0.1", "::1", "localhost"):
                raise PermissionError(f"The grader does not let a notebook connect to {place[0]}.")
        for path in paths:
            if not inside(path):
                raise PermissionError(f"The grader does not let a notebook change {path!r}.")

    sys.addaudithook(hook)

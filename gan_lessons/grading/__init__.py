"""Grade a folder of submitted exercises: `python -m gan_lessons grade submissions --out grades.csv`

Each notebook runs in a fresh kernel and an empty folder, with limits on time, memory, output and
processes (`run`). What it defines is then checked in another fresh process (`judge`), so that a
notebook which overwrites `checks` changes nothing there.

What this protects against: mistakes and mischief in Python. Endless loops, floods of output, huge
arrays, fork bombs, files written or deleted outside the folder, connections, a broken `checks`.

What it does not protect against: a person who means harm and knows how. Code runs with your rights
and can read your files; native code (ctypes, C extensions) can get round the guard; an answer may
inspect the process that checks it. For strangers' notebooks use a container or a virtual machine
without a network.
"""

"""The rounds of `log` for one of the tools in Python: peers.py TOOL serves them.

peers.py TOOL FOLDER STEPS logs so many steps into the folder and kills itself.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter

from tools import tools

from rounds import serve


def scalars(step):
    return {
        "loss": 5 / step,
        "learning_rate": 1e-3,
        "logit_scale": 14.3,
        "gradient_norm": 1.7 / step,
        "duration_ms": 250.25,
        "data_wait_ms": 1.5,
    }


def cost(steps):
    """Microseconds a step, without what is waited for at the end."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        run = Tool(folder)
        started = time.perf_counter(), time.process_time()
        for step in range(1, steps + 1):
            run.log(scalars(step), step)
        ended = time.perf_counter(), time.process_time()
        run.close()
    wall, processor = ((end - start) * 1e6 / steps for start, end in zip(started, ended))
    return {"a step": wall, "a step, processor": processor}


def kept(steps):
    """Steps all of whose scalars are read back from what a killed process has left."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        command = [sys.executable, __file__, sys.argv[1], folder, str(steps)]
        # Where the tool writes is said here alone.
        environment = {name: value for name, value in os.environ.items() if name != "TRACKIO_DIR"}
        code = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL).returncode
        if code != -signal.SIGKILL:
            raise RuntimeError(f"The process that logs was to kill itself, but ended with {code}.")
        found = Counter(step for _, step in set(Tool.read(folder)))
    return {"kept of 2,000": sum(1 for step in range(1, steps + 1) if found[step] == len(scalars(step)))}


Tool = tools[sys.argv[1]]
if len(sys.argv) > 2:
    folder, steps = sys.argv[2], int(sys.argv[3])
    run = Tool(folder)
    for step in range(1, steps + 1):
        run.log(scalars(step), step)
    os.kill(os.getpid(), signal.SIGKILL)
else:
    Tool.load()
    serve({"cost": cost, "kept": kept}, packages=Tool.packages)

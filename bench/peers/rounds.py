"""How a peer in Python answers a benchmark: one line of JSON for each question, on file descriptor 3.

    from rounds import serve

    def train(steps):
        ...
        return {"step": milliseconds}

    serve({"train": train}, packages=["torch"])
"""

import gc
import importlib.metadata
import json
import os
import platform
import sys
import traceback


def serve(rounds, packages=()):
    """Serves rounds until there are no more questions.

    rounds: functions by name; each takes the question's options by their names and returns numbers by case.
    packages: whose versions are told, by their names in the package index.
    """
    with os.fdopen(3, "w", buffering=1) as answers:
        versions = {"Python": platform.python_version()}
        versions.update({package: importlib.metadata.version(package) for package in packages})
        print(json.dumps({"versions": versions}), file=answers)
        for line in sys.stdin:
            question = json.loads(line)
            try:
                # What the last round left is not to be swept up within this one.
                gc.collect()
                answer = {"values": rounds[question["round"]](**question["options"])}
            except Exception:
                answer = {"error": traceback.format_exc()}
            print(json.dumps(answer), file=answers)

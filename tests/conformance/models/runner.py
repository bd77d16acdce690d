"""Drives tests/infer_run: numpy arrays and texts in, numpy arrays and lists out, one process for many runs."""
import itertools
import json
import os
import pathlib
import subprocess

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[3]
V2 = {"bool": "BOOL", "int8": "INT8", "int16": "INT16", "int32": "INT32", "int64": "INT64", "uint8": "UINT8", "uint16": "UINT16",
      "uint32": "UINT32", "uint64": "UINT64", "float16": "FP16", "float32": "FP32", "float64": "FP64"}
NUMPY = {v: k for k, v in V2.items()}


class Refused(Exception):
    """The error a model gave: its text, and its code as `code`."""

    def __init__(self, text, code):
        super().__init__(text)
        self.code = code


class Runner:
    def __init__(self, folder, program=None):
        self.folder, self.count = pathlib.Path(folder), itertools.count()
        program = program or os.environ.get("CORACLE_INFER_RUN") or ROOT / "build/tests/infer_run"
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(timeout=60) == 0, "infer_run found something (sanitizers: see its output)"

    def _tensor(self, values, name=""):
        path = self.folder / f"in{next(self.count)}"
        if isinstance(values, (list, tuple)):
            path.write_text(json.dumps(list(values)))
            return {"name": name, "texts": str(path)}
        values = np.ascontiguousarray(values)
        values.tofile(path)
        return {"name": name, "dtype": V2[values.dtype.name], "shape": list(values.shape), "path": str(path)}

    def run(self, model, method, x, **options):
        """x: a 2D array, a list of texts, or a dict of columns. Gives one answer, or a list of several."""
        inputs = [self._tensor(v, k) for k, v in x.items()] if isinstance(x, dict) else [self._tensor(x)]
        out = self.folder / f"out{next(self.count)}"
        command = {"model": str(model), "method": method, "input": inputs, "output": str(out), **options}
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        reply = json.loads(self.process.stdout.readline())
        for i in inputs:
            os.unlink(i.get("path") or i["texts"])
        if "error" in reply:
            raise Refused(reply["error"], reply["code"])
        answers = []
        for a in reply["answers"]:
            if "texts" in a:
                answers.append(np.array(a["texts"], dtype=object).reshape(a["shape"]))
            else:
                answers.append(np.fromfile(a["path"], NUMPY[a["dtype"]]).reshape(a["shape"]))
                os.unlink(a["path"])
        return answers[0] if len(answers) == 1 else answers

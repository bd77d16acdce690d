"""Models that older releases of scikit-learn have pickled, and what those releases answered: tests/fixtures/sklearn."""
import io
import zipfile

import numpy as np
import pytest

import golden
from conftest import agree
from runner import ROOT

ARCHIVES = sorted((ROOT / "tests/fixtures/sklearn").glob("*.zip"))
assert ARCHIVES
CASES = [(a.stem, n[:-4]) for a in ARCHIVES for n in sorted(zipfile.ZipFile(a).namelist()) if n.endswith(".npz")]
IS_TEXT = ("tfidf", "count", "hash", "text", "lsa")


@pytest.mark.parametrize("release,name", CASES)
def test_an_older_release_is_read_as_it_answers(release, name, runner, tmp_path):
    archive = zipfile.ZipFile(ROOT / f"tests/fixtures/sklearn/{release}.zip")
    path = tmp_path / "model.pkl"
    path.write_bytes(archive.read(name + ".pkl"))
    wanted = np.load(io.BytesIO(archive.read(name + ".npz")))
    x = golden.texts(7, 60) if name.startswith(IS_TEXT) else golden.data(3, 61)[0]
    for method in sorted({k.rpartition(".")[0] for k in wanted}):
        want = [wanted[k] for k in sorted(wanted) if k.rpartition(".")[0] == method]
        agree(runner.run(path, method, x), want[0] if len(want) == 1 else want)

"""What the tests of models share: one runner, and a comparison by the rule of the design."""
import warnings

import numpy as np
import pytest

from runner import Refused, Runner

warnings.filterwarnings("ignore")


@pytest.fixture(scope="session")
def runner(tmp_path_factory):
    r = Runner(tmp_path_factory.mktemp("run"))
    yield r
    r.close()


def agree(got, want, rtol=1e-9, atol=1e-12):
    """Labels exactly, numbers within rtol and atol; the kind of number too (JSON tells 1 from 1.0)."""
    if isinstance(want, list):
        assert len(got) == len(want)
        for g, w in zip(got, want):
            agree(g, w, rtol, atol)
        return
    if hasattr(want, "toarray"):
        want = want.toarray()
    want = np.asarray(want)
    assert got.shape == want.shape
    if want.dtype.kind in "OUS":
        assert [str(v) for v in got.ravel()] == [str(v) for v in want.ravel()]
        return
    kind = {"u": "i"}.get(want.dtype.kind, want.dtype.kind)
    assert got.dtype.kind == kind, (got.dtype, want.dtype)
    if kind in "ib":
        assert (got == want).all()
    else:
        np.testing.assert_allclose(got, want, rtol=rtol, atol=atol)

"""Hostile model files through `coracle inspect`: each refused by name, nothing run, in little time and memory; and every
prefix of a good file."""
import ast
import json
import os
import pathlib
import resource
import subprocess
import sys
import tarfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
CORACLE = os.environ.get("CORACLE", str(ROOT / "build/coracle"))
PYTHON = sys.executable
CPU_S, MEMORY_KIB = 2.0, 300 << 10
SDISTS = ("fickling", "modelscan")


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    subprocess.run([PYTHON, str(pathlib.Path(__file__).parent / "make_malicious.py"), folder / "files", folder / "canary"],
                   check=True)
    return folder


def inspect(path, *options):
    """Exit code, what it said, CPU seconds and peak KiB of the program and of all that it waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.Popen([CORACLE, "inspect", *options, str(path)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = run.stdout.read()
    run.stdout.close()
    _, status, own = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    # The peak of children is the largest since the start: it tells of this one only when it grew.
    grown = after.ru_maxrss if after.ru_maxrss > before.ru_maxrss else 0
    return run.returncode, said, cpu, max(own.ru_maxrss, grown)


def check_refused(path, words, *options):
    code, said, cpu, peak = inspect(path, *options)
    assert code == 1, f"{path.name}: exit code {code}: {said}"
    assert any(w in said for w in words) if words else said.strip(), f"{path.name}: {said}"
    for sign in ("crashed", "(signal ", "system call filter", "AddressSanitizer", "runtime error", "Assertion"):
        assert sign not in said, f"{path.name}: {said}"
    assert cpu < CPU_S, f"{path.name}: {cpu:.1f} s of CPU time"
    assert peak < MEMORY_KIB, f"{path.name}: {peak >> 10} MiB"


def check_all(folder, options):
    files = json.loads((folder / "files/index.json").read_text())
    assert len(files) >= 60
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < MEMORY_KIB, "the generator hides the peaks to come"
    wrong = []
    for name, words in files.items():
        try:
            check_refused(folder / "files" / name, words, *options)
        except AssertionError as e:
            wrong.append(str(e))
        assert not (folder / "canary").exists(), f"{name} ran its payload"
    assert not wrong, "\n".join(wrong)


def test_hostile_files_are_refused_by_name_in_the_sandbox(hostile):
    check_all(hostile, [])


def test_hostile_files_are_refused_by_name_in_process(hostile):
    """Without the sandbox, where nothing but the reader itself stands between the file and the process."""
    check_all(hostile, ["--no-sandbox"])


def sdist(name):
    """The source package, from the cache or from the registry."""
    if os.environ.get("CORACLE_TEST_LONG", "0") != "1":
        pytest.skip("absent: looked at in make test-long, because pip takes minutes to build a source package's metadata before it hands it out")
    cache = ROOT / ".cache/sdists"
    found = sorted(cache.glob(f"{name}-*.tar.gz"))
    if not found:
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run([PYTHON, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps", "--no-binary", ":all:",
                        "-d", str(cache), name], timeout=300, capture_output=True)
        found = sorted(cache.glob(f"{name}-*.tar.gz"))
    if not found:
        pytest.skip(f"absent: the source package of {name} could not be downloaded")
    return found[-1]


@pytest.mark.parametrize("name", SDISTS)
def test_pickles_of_scanners_source_packages_are_refused(name, tmp_path):
    """Files in them that are pickles; the packages of today carry none, those of tomorrow may."""
    found = 0
    with tarfile.open(sdist(name)) as t:
        for member in t.getmembers():
            suffix = pathlib.PurePosixPath(member.name).suffix
            if not member.isfile() or suffix not in (".pkl", ".pickle", ".joblib", ".dat", ".bin", ".pt", ".dill"):
                continue
            path = tmp_path / f"{found}.pkl"
            path.write_bytes(t.extractfile(member).read())
            check_refused(path, [])
            found += 1
    if not found:
        pytest.skip(f"absent: {name}'s source package carries no pickles")


def denied_names(name):
    """The globals that a scanner denies, as data from its source, never imported."""
    with tarfile.open(sdist(name)) as t:
        path = {"fickling": "fickling/fickle.py", "modelscan": "modelscan/settings.py"}[name]
        member = next(m for m in t.getmembers() if m.name.endswith(path))
        tree = ast.parse(t.extractfile(member).read())
    for node in ast.walk(tree):
        if name == "fickling" and isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "UNSAFE_IMPORTS":
            for module in ast.literal_eval(node.value.args[0]):
                yield module, "run"
        if name == "modelscan" and isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values):
                if isinstance(key, ast.Constant) and key.value == "unsafe_globals":
                    for modules in ast.literal_eval(value).values():
                        for module, names in modules.items():
                            yield from ((module, n) for n in (["run"] if names == "*" else names))


@pytest.mark.parametrize("name", SDISTS)
def test_every_global_that_a_scanner_denies_is_refused(name, tmp_path):
    names = list(denied_names(name))
    assert len(names) > 20
    for module, function in names:
        path = tmp_path / "x.pkl"
        path.write_bytes(f"c{module}\n{function}\n(S'x'\ntR.".encode())
        check_refused(path, [f"{module}.{function}"])


def test_a_model_cut_at_any_byte_is_an_error(tmp_path):
    for good in ("kmeans.p5.pkl", "kmeans.zlib.joblib"):
        whole = (ROOT / "tests/fixtures/pickles" / good).read_bytes()
        path = tmp_path / good
        # Every byte in one process is a unit test; here the program sees every seventh, and the last ones.
        for n in [*range(0, len(whole) - 8, 7), *range(len(whole) - 8, len(whole))]:
            path.write_bytes(whole[:n])
            code, said, _, _ = inspect(path)
            assert code == 1 and said.strip(), f"{good} cut at {n}: {code} {said}"
            assert "crash" not in said and "signal" not in said, said
        path.write_bytes(whole)
        assert inspect(path)[0] == 0

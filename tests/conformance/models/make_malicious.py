#!/usr/bin/env python3
"""Writes hostile model files into a folder, and index.json: for each the words of which one must be in the refusal.

Nothing here is unpickled, and every payload that would run something would touch the canary file, whose path is the second
argument. Written opcode by opcode, so that the files are what an attacker would write, not what pickle.dumps would.

    make_malicious.py FOLDER CANARY
"""
import bz2
import gzip
import json
import lzma
import pathlib
import struct
import sys
import zlib

import lz4.frame

# What attackers call, from the advisories on pickle scanners and from the standard library: module, name.
CALLS = """
os system; os popen; os execv; os spawnl; os remove; os unlink; os chmod; os _exit; os abort; os putenv; os startfile
posix system; posix fork; nt system; nt popen; commands getoutput; popen2 popen3
subprocess Popen; subprocess run; subprocess call; subprocess check_output; subprocess getoutput; _posixsubprocess fork_exec
builtins eval; builtins exec; builtins compile; builtins __import__; builtins open; builtins getattr; builtins setattr
builtins globals; builtins breakpoint; builtins input; builtins map; builtins type; builtins super; builtins print
__builtin__ eval; __builtin__ execfile; __builtin__ apply; __builtin__ file; __builtin__ getattr; __builtin__ reduce
socket socket; socket create_connection; ssl create_default_context; _socket socket
runpy run_path; runpy run_module; runpy _run_code; importlib import_module; importlib reload; importlib.machinery SourceFileLoader
importlib.util spec_from_file_location; _frozen_importlib_external SourceFileLoader; zipimport zipimporter; imp load_source
operator attrgetter; operator methodcaller; operator itemgetter; _operator attrgetter; _operator methodcaller
functools partial; functools reduce; _functools partial; itertools starmap; copyreg add_extension; copyreg pickle
types FunctionType; types CodeType; types ModuleType; types MethodType; marshal loads; marshal load
codecs decode; codecs open; _codecs decode; encodings.rot_13 decode; webbrowser open; webbrowser open_new; pty spawn
pdb run; pdb Pdb; bdb Bdb; timeit timeit; timeit main; timeit Timer; cProfile run; cProfile runctx; profile run; trace Trace
asyncio create_subprocess_shell; asyncio run; asyncio.unix_events _UnixSubprocessTransport; ctypes CDLL; ctypes.util find_library
_ctypes dlopen; cffi FFI; numpy.testing._private.utils runstring; numpy.testing rundocs; numpy load; numpy fromfile
numpy genfromtxt; numpy loadtxt; numpy savetxt; numpy vectorize; numpy frompyfunc; numpy apply_along_axis; numpy.ctypeslib load_library
numpy.f2py.crackfortran getlincoef; numpy.f2py.crackfortran myeval; numpy.f2py.diagnose run_command; numpy.lib.npyio load
numpy.distutils.exec_command exec_command; numpy.lib.stride_tricks as_strided; numpy.core.records fromfile; numpy.ma.core fromflex
scipy.io loadmat; scipy.sparse load_npz; scipy.sparse.linalg LinearOperator; joblib load; joblib.numpy_pickle load
joblib.numpy_pickle_compat load_compatibility; joblib.parallel Parallel; joblib.memory Memory; joblib._utils eval_expr
sklearn.datasets load_files; sklearn.datasets fetch_openml; sklearn.datasets load_svmlight_file; sklearn.utils check_array
sklearn.utils._testing assert_run_python_script_without_output; sklearn.utils.fixes parse_version; sklearn.base clone
sklearn.model_selection cross_val_score; sklearn.tree export_graphviz; sklearn.preprocessing scale; sklearn.externals.six exec_
sklearn.utils.estimator_checks check_estimator; sklearn.utils.metaestimators available_if; sklearn.setup_module x
torch load; torch.hub load; torch.serialization load; torch.jit.unsupported_tensor_ops execWrapper; torch._utils _rebuild_tensor_v2
torch.utils._config_module load_config; torch.storage _load_from_bytes; torch.utils.collect_env run; pickle loads; pickle Unpickler
_pickle loads; cPickle loads; dill loads; dill._dill _create_function; cloudpickle.cloudpickle _make_function
cloudpickle.cloudpickle subimport; cloudpickle.cloudpickle _builtin_type; shelve open; dbm open; pandas read_pickle; pandas eval
pandas.core.computation.eval eval; tempfile mktemp; shutil rmtree; shutil copyfile; pathlib Path; pathlib PosixPath; glob glob
sys exit; sys setrecursionlimit; sys addaudithook; signal raise_signal; signal signal; gc get_objects; atexit register
pip main; pip._internal main; pip._internal.cli.main main; ensurepip _run_pip; venv create; idlelib.pyshell ModifiedInterpreter
idlelib.autocomplete AutoComplete; idlelib.run Executive; lib2to3.pgen2.pgen ParserGenerator; code InteractiveInterpreter; code interact
codeop compile_command; doctest debug_script; distutils.spawn spawn; distutils.file_util write_file; setuptools.sandbox run_setup
urllib.request urlopen; urllib urlopen; http.client HTTPSConnection; httplib HTTPConnection; smtplib SMTP; ftplib FTP; telnetlib Telnet
xmlrpc.client ServerProxy; requests get; requests.api get; aiohttp.client ClientSession; multiprocessing.util spawnv_passfds
multiprocessing Process; multiprocessing.reduction duplicate; threading Thread; _thread start_new_thread; concurrent.futures ThreadPoolExecutor
pkgutil resolve_name; pydoc pipepager; pydoc locate; inspect getattr_static; logging.config _resolve; logging FileHandler
unittest.mock _importer; test.support.script_helper assert_python_ok; imaplib IMAP4_stream; getpass getpass; uuid _get_command_stdout
_pyrepl.pager pipe_pager; _aix_support _read_cmd_output; _osx_support _read_output; readline read_history_file; sqlite3 connect
linecache getline; fileinput FileInput; turtle Turtle; tkinter Tk; winreg OpenKey; msvcrt getch; ast literal_eval; string Formatter
jinja2 Template; yaml unsafe_load; django.shortcuts render; flask Flask; tensorflow load_op_library; keras.models load_model
mlflow.pyfunc load_model; onnxruntime InferenceSession; xgboost Booster; __main__ Payload; conftest evil; model custom_transform
"""


def text(s):
    """protocol 0 string"""
    return b"S" + repr(s).encode() + b"\n"


def short(s):
    s = s.encode() if isinstance(s, str) else s
    return b"\x8c" + bytes([len(s)]) + s


def global_(module, name):
    return b"c%s\n%s\n" % (module.encode(), name.encode())


def pack(n):
    return struct.pack("<Q", n)


class Files:
    def __init__(self, folder, canary):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.command = f"touch {canary}"
        self.index = {}

    def add(self, name, data, *words):
        assert name not in self.index, name
        self.index[name] = list(words)
        (self.folder / name).write_bytes(data)

    def close(self):
        (self.folder / "index.json").write_text(json.dumps(self.index, indent=1))


def calls(f):
    """Every dangerous global, named by GLOBAL at protocol 0 and by STACK_GLOBAL at protocol 4 in turn."""
    rows = [r.split() for line in CALLS.strip().splitlines() for r in line.split(";")]
    for i, (module, name) in enumerate(rows):
        arguments = b"(" + text(f.command) + b"tR."
        if i % 2:
            data = b"\x80\x04" + short(module) + short(name) + b"\x93" + arguments
        else:
            data = global_(module, name) + arguments
        f.add(f"call-{module}.{name}.pkl", data, f"{module}.{name}")


def ways_to_name(f):
    """os.system by every road that leads to it."""
    x = text(f.command)
    f.add("name-inst.pkl", b"(" + x + b"ios\nsystem\n.", "os.system")
    f.add("name-obj.pkl", b"(cos\nsystem\n" + x + b"o.", "os.system")
    f.add("name-obj-pop.pkl", b"(cos\nsystem\n" + x + b"o0N.", "os.system")
    f.add("name-newobj.pkl", b"\x80\x02cos\nsystem\n" + x + b"\x85\x81.", "os.system")
    f.add("name-newobj-ex.pkl", b"\x80\x04cos\nsystem\n" + x + b"\x85}\x92.", "os.system")
    f.add("name-memo.pkl", b"\x80\x04" + short("os") + b"\x94" + short("system") + b"\x94N00h\x00h\x01\x93" + x + b"\x85R.",
          "os.system")
    f.add("name-memo-overwritten.pkl", b"\x80\x04" + short("numpy") + b"q\x00" + short("os") + b"q\x00" + short("system")
          + b"h\x00" + short("system") + b"\x93.", "os.system")
    f.add("name-memo-jump.pkl", b"\x80\x04" + short("os") + b"r\x00\xf0\x00\x00" + short("system")
          + b"\x93" + x + b"\x85R.", "os.system")
    f.add("name-nested-stack.pkl", b"(((((N1N1N1N1N10cos\nsystem\n(" + x + b"tR.", "os.system", "empty", "mark")
    f.add("name-dotted.pkl", b"\x80\x04" + short("numpy") + short("f2py.os.system") + b"\x93.", "numpy.f2py.os.system")
    f.add("name-dotted-allowed.pkl", b"\x80\x04" + short("sklearn.base") + short("BaseEstimator.__init__.__globals__")
          + b"\x93.", "BaseEstimator.__init__")
    f.add("name-dotted-module.pkl", b"\x80\x04" + short("sklearn.base.os") + short("system") + b"\x93.", "sklearn.base.os.system")
    f.add("name-space.pkl", b"c os\nsystem\n.", " os.system")
    f.add("name-nul.pkl", b"\x80\x04" + short("builtins\0") + short("set") + b"\x93.", "builtins?.set")
    f.add("name-homoglyph.pkl", b"\x80\x04" + short("s\u043alearn.base") + short("BaseEstimator") + b"\x93.", "learn.base")
    f.add("name-upper.pkl", b"cOS\nsystem\n.", "OS.system")
    f.add("name-empty.pkl", b"c\n\n.", "names .")
    f.add("name-of-number.pkl", b"\x80\x04K\x01K\x02\x93.", "not a string")
    f.add("name-prefix.pkl", b"csklearn_evil.base\nBaseEstimator\n.", "sklearn_evil.base.BaseEstimator")
    f.add("name-suffix.pkl", b"csklearn.base_evil\nThing\n.", "sklearn.base_evil.Thing")
    f.add("name-lower.pkl", b"csklearn.tree\nsystem\n.", "sklearn.tree.system")
    f.add("name-long.pkl", b"\x80\x04X" + struct.pack("<I", 1 << 20) + b"a" * (1 << 20) + short("b") + b"\x93.", "aaaa")
    f.add("name-inside-dict.pkl", b"(dS'a'\n(lS'b'\n(cos\nsystem\n(" + x + b"tRtas.", "os.system")
    f.add("name-after-stop.pkl", b"N.cos\nsystem\n(" + x + b"tR.", "more data follows")
    f.add("name-in-second-pickle.pkl", b"\x80\x04N.\x80\x04cos\nsystem\n(" + x + b"tR.", "more data follows")
    f.add("name-extension-1.pkl", b"\x80\x02\x82\x01.", "extension")
    f.add("name-extension-2.pkl", b"\x80\x02\x83\x01\x00.", "extension")
    f.add("name-extension-4.pkl", b"\x80\x02\x84\x01\x00\x00\x00.", "extension")
    f.add("name-persistent.pkl", b"Pos.system\n.", "persistent")
    f.add("name-persistent-binary.pkl", b"\x80\x02" + text("os.system") + b"Q.", "persistent")
    f.add("buffer.pkl", b"\x80\x05\x97.", "out-of-band")
    f.add("buffer-read-only.pkl", b"\x80\x05N\x98.", "out-of-band")


def abuse_of_what_is_allowed(f):
    x = text(f.command)
    estimator = global_("sklearn.base", "BaseEstimator")
    f.add("call-a-type.pkl", global_("numpy", "memmap") + b"(" + text("/etc/passwd") + b"tR.", "numpy.memmap may be mentioned")
    f.add("call-a-function.pkl", global_("numpy", "log1p") + b"(F1.0\ntR.", "numpy.log1p may be mentioned")
    f.add("call-a-string.pkl", x + b"(tR.", "no name")
    f.add("call-an-instance.pkl", b"\x80\x02" + estimator + b")\x81)R.", "no name")
    f.add("call-with-list.pkl", global_("builtins", "set") + b"]R.", "not a tuple")
    f.add("new-of-int.pkl", b"\x80\x02" + global_("builtins", "int") + b")\x81.", "builtins.int")
    f.add("new-of-object.pkl", b"\x80\x02" + global_("builtins", "object") + b")\x81.", "builtins.object")
    f.add("new-with-keywords.pkl", b"\x80\x04" + estimator + b")}" + short("a") + b"Ns\x92.", "keyword")
    f.add("build-a-class.pkl", estimator + b"}S'__init__'\n" + global_("builtins", "set") + b"sb.", "no state")
    f.add("build-a-module.pkl", global_("numpy", "ndarray") + b"}b.", "no state")
    f.add("build-a-list.pkl", b"]}b.", "no state")
    f.add("build-setstate.pkl", b"\x80\x02" + estimator + b")\x81}S'__setstate__'\n" + global_("os", "system") + b"sb"
          + x + b"b.", "os.system")
    f.add("build-twice.pkl", b"\x80\x02" + estimator + b")\x81}S'a'\nNsb}S'b'\nNsb.", "twice")
    f.add("build-dict.pkl", b"}}S'keys'\nNsb.", "attributes of its own")
    f.add("reconstruct-type.pkl", global_("copyreg", "_reconstructor") + b"(" + global_("builtins", "int") + global_("builtins", "int")
          + b"I1\ntR.", "built on")
    f.add("reconstruct-set.pkl", global_("numpy.core.multiarray", "_reconstruct") + b"(" + global_("builtins", "set")
          + b"(I0\ntS'b'\ntR.", "builtins.set")
    f.add("encode-rot13.pkl", global_("_codecs", "encode") + b"(Vx\nVrot13\ntR.", "latin1")
    f.add("encode-idna.pkl", global_("_codecs", "encode") + b"(Vx\nVidna\ntR.", "latin1")
    f.add("ufunc-os.pkl", global_("numpy.core", "_ufunc_reconstruct") + b"(Vos\nVsystem\ntR.", "os.system")
    f.add("newobj-os.pkl", global_("copyreg", "__newobj__") + b"(cos\nsystem\n" + x + b"tR.", "os.system")
    f.add("factory-os.pkl", global_("collections", "defaultdict") + b"(cos\nsystem\ntR.", "os.system")
    f.add("cython-of-function.pkl", global_("sklearn.tree._tree", "__pyx_unpickle_Tree") + b"(" + global_("builtins", "int")
          + b"I1\nNtR.", "arguments")
    f.add("cython-lower.pkl", global_("sklearn.tree._tree", "__pyx_unpickle_system") + b"(tR.", "__pyx_unpickle_system")


def arrays(f):
    def array(shape, dtype, data, state=b"(I3\nS'<'\nNNNI-1\nI-1\nI0\ntb"):
        return (global_("numpy.core.multiarray", "_reconstruct") + b"(" + global_("numpy", "ndarray") + b"(I0\ntS'b'\ntR(I1\n"
                + shape + global_("numpy", "dtype") + b"(" + text(dtype) + b"I0\nI1\ntR" + state + b"I00\n" + data + b"tb.")

    def record(fields, names, size=16):
        items = b"".join(text(n) + b"(" + global_("numpy", "dtype") + b"(" + text(d) + b"I0\nI1\ntRI%d\nts" % o
                         for n, d, o in fields)
        return b"(I3\nS'|'\nN(" + b"".join(map(text, names)) + b"t(d" + items + b"I%d\nI1\nI0\ntb" % size

    eight = text("12345678")
    f.add("array-huge.pkl", array(b"(I99999999999\nt", "f8", eight), "another length")
    f.add("array-product.pkl", array(b"(I4294967296\nI4294967296\nI16\nt", "f8", eight), "more items")
    f.add("array-bytes.pkl", array(b"(I2305843009213693952\nt", "f8", eight), "more bytes")
    f.add("array-negative.pkl", array(b"(I-1\nt", "f8", eight), "no size")
    f.add("array-two-negatives.pkl", array(b"(I-1\nI-1\nt", "f8", eight), "no size")
    f.add("array-of-nothing.pkl", array(b"(I9223372036854775807\nt", "S0", text("")), "no bytes")
    f.add("array-rank.pkl", array(b"(" + b"I1\n" * 60 + b"t", "f8", eight), "dimensions")
    f.add("array-objects-as-bytes.pkl", array(b"(I1\nt", "O8", eight), "another length")
    f.add("array-bytes-as-objects.pkl", array(b"(I1\nt", "f8", b"(lNa"), "another length")
    f.add("array-object-count.pkl", array(b"(I1000\nt", "O8", b"(lNa"), "another length")
    f.add("array-overlap.pkl", array(b"(I1\nt", "V16", eight + b"", record([("a", "f8", 0), ("b", "f8", 4)], "ab")), "overlap")
    f.add("array-offset.pkl", array(b"(I1\nt", "V16", eight, record([("a", "f8", 9)], "a")), "offset 9")
    f.add("array-negative-offset.pkl", array(b"(I1\nt", "V16", eight, record([("a", "f8", -8)], "a")), "offset -8")
    f.add("array-object-field.pkl", array(b"(I1\nt", "V16", eight, record([("a", "O8", 0)], "a")), "objects in it")
    f.add("array-missing-field.pkl", array(b"(I1\nt", "V16", eight, record([("a", "f8", 0)], "abc")), "field")
    f.add("array-shrunk.pkl", array(b"(I1\nt", "f8", text("1234"), b"(I3\nS'<'\nNNNI4\nI-1\nI0\ntb"), "4 bytes")
    f.add("array-strides.pkl", array(b"(I1\nt", "f8", eight).replace(b"tb.", b"(I-8\ntttb."), "array")
    f.add("scalar-object.pkl", global_("numpy.core.multiarray", "scalar") + b"(" + global_("numpy", "dtype")
          + b"(S'O8'\nI0\nI1\ntRcos\nsystem\n(" + text(f.command) + b"tRtR.", "os.system")
    f.add("scalar-object-pickle.pkl", global_("numpy.core.multiarray", "scalar") + b"(" + global_("numpy", "dtype")
          + b"(S'O8'\nI0\nI1\ntR" + text("cos\nsystem\n(S'x'\ntR.") + b"tR.", "scalar that is an object")

    def wrapper(shape, dtype="f8", more=b"", name="NumpyArrayWrapper"):
        return (b"\x80\x02" + global_("joblib.numpy_pickle", name) + b")\x81}(S'shape'\n" + shape + b"S'order'\nS'C'\nS'dtype'\n"
                + global_("numpy", "dtype") + b"(" + text(dtype) + b"I0\nI1\ntR" + more + b"ub")

    f.add("joblib-huge.joblib", wrapper(b"(I99999999999\nt") + b"12345678.", "ends")
    f.add("joblib-negative.joblib", wrapper(b"(I-5\nt") + b"12345678.", "no size")
    f.add("joblib-padding.joblib", wrapper(b"(I1\nt", more=b"S'numpy_array_alignment_bytes'\nI16\n") + b"\xff12345678.", "padding")
    f.add("joblib-nested.joblib", wrapper(b"(I1\nt", "O8") + global_("os", "system") + b"(" + text(f.command) + b"tR..",
          "os.system")
    f.add("joblib-nested-joblib.joblib", wrapper(b"(I1\nt", "O8") + wrapper(b"(I1\nt") + b"12345678..", "inside a plain pickle")
    f.add("joblib-mmap.joblib", wrapper(b"(I1\nt", more=b"S'allow_mmap'\nI01\nS'subclass'\n" + global_("mmap", "mmap")) + b"12345678.",
          "mmap.mmap")
    f.add("joblib-side-file.joblib", b"\x80\x02" + global_("joblib.numpy_pickle", "NDArrayWrapper")
          + b")\x81}(S'filename'\nS'/etc/passwd'\nS'subclass'\n" + global_("numpy", "ndarray") + b"ub.", "before 0.10")
    f.add("joblib-zipped-side-file.joblib", b"\x80\x02" + global_("joblib.numpy_pickle", "ZNDArrayWrapper")
          + b")\x81}(S'filename'\nS'../../x'\nub.", "before 0.10")
    f.add("joblib-zfile.joblib", b"ZF0x10               " + zlib.compress(b"N."), "before 0.10")


def malformed(f):
    f.add("protocol-6.pkl", b"\x80\x06N.", "protocol 6")
    f.add("protocol-255.pkl", b"\x80\xffN.", "protocol 255")
    f.add("protocol-again.pkl", b"\x80\x04N0\x80\x02N.", "middle")
    f.add("frame-huge.pkl", b"\x80\x04\x95" + pack(1 << 40) + b"N.", "longer than the file")
    f.add("frame-negative.pkl", b"\x80\x04\x95" + pack(2**64 - 1) + b"N.", "longer than the file")
    f.add("frame-in-frame.pkl", b"\x80\x04\x95" + pack(12) + b"\x95" + pack(2) + b"NN00N.", "frame")
    f.add("frame-cuts.pkl", b"\x80\x04\x95" + pack(3) + short("abcd") + b".", "frame")
    f.add("frame-truncated.pkl", b"\x80\x04\x95" + pack(100) + b"N", "longer than the file")
    f.add("bytes-huge.pkl", b"\x80\x04\x8e" + pack(1 << 62) + b"x.", "ends")
    f.add("bytes-negative.pkl", b"\x80\x04\x8e" + pack(2**64 - 1) + b"x.", "length")
    f.add("bytearray-huge.pkl", b"\x80\x05\x96" + pack(1 << 45) + b"x.", "ends")
    f.add("text-huge.pkl", b"\x80\x04\x8d" + pack(1 << 45) + b"x.", "ends")
    f.add("text-4gib.pkl", b"X\xff\xff\xff\xffx.", "ends")
    f.add("long-huge.pkl", b"\x80\x02\x8b" + struct.pack("<i", 5_000_000) + b"\xff" * 5_000_000 + b".", "integer of 5000000 bytes")
    f.add("long-negative.pkl", b"\x80\x02\x8b\xff\xff\xff\xffx.", "length")
    f.add("long-decimal.pkl", b"L" + b"9" * 15_000 + b"L\n.", "digits")
    f.add("long-decimal-line.pkl", b"L" + b"9" * 3_000_000 + b"L\n.", "line")
    f.add("not-utf8.pkl", b"X\x02\x00\x00\x00\xff\xfe.", "UTF-8")
    f.add("surrogate.pkl", b"X\x03\x00\x00\x00\xed\xb0\x80.", "UTF-8")
    f.add("self-list.pkl", b"]q\x00h\x00a.", "contains itself")
    f.add("self-dict.pkl", b"}q\x00S'a'\nh\x00s.", "contains itself")
    f.add("self-state.pkl", b"\x80\x02" + global_("sklearn.base", "BaseEstimator") + b")\x81q\x00}S'a'\nh\x00sb.", "contains itself")
    f.add("self-tuple.pkl", b"(lp0\n0(g0\ntp1\n0g0\ng1\na.", "contains itself")
    f.add("memo-unset.pkl", b"\x80\x02h\x07.", "never written")
    f.add("memo-far.pkl", b"Nr\xff\xff\xff\xff.", "memo entry")
    f.add("memo-far-text.pkl", b"Np99999999999\n.", "memo entry")
    f.add("memo-negative.pkl", b"Np-1\n.", "memo entry")
    f.add("stack-empty.pkl", b"0.", "empty")
    f.add("stack-left.pkl", b"NNN.", "left")
    f.add("mark-missing.pkl", b"Nt.", "mark")
    f.add("key-list.pkl", b"}]Ns.", "key")
    f.add("polyglot-zip.pkl", b"N." + b"PK\x03\x04", "more data follows")
    f.add("text-file.pkl", b"#!/bin/sh\ntouch x\n", "opcode")
    f.add("empty.pkl", b"", "empty")


def bombs(f):
    deep = 200_000
    f.add("deep-lists.pkl", b"]" * deep + b"a" * (deep - 1) + b".", "deeper")
    f.add("deep-tuples.pkl", b")" + b"\x85" * deep + b".", "deeper")
    f.add("deep-marks.pkl", b"(" * deep + b"t" * deep + b".", "nesting")
    f.add("deep-dicts.pkl", b"}K\x01" * deep + b"}" + b"s" * deep + b".", "deeper")
    f.add("deep-states.pkl", b"\x80\x02" + (global_("sklearn.base", "BaseEstimator") + b")\x81") * 20_000 + b"}" + b"b" * 20_000 + b".",
          "deeper")
    f.add("laughs-tuple.pkl", b"N" + b"2\x86" * 60 + b".", "written out")
    f.add("laughs-list.pkl", b"".join(b"(%sle" % b"" if 0 else b"]p%d\n0" % i for i in range(40))
          + b"".join(b"g%d\n(%se0" % (i, b"g%d\n" % (i - 1) * 10) for i in range(1, 40)) + b"g39\n.", "written out")
    f.add("laughs-set.pkl", b"\x80\x04(K\x01l" + b"q\x00h\x00" + b"".join(b"0\x8f(" + b"h\x00" * 4 + b"\x90q\x00h\x00" for _ in range(40))
          + b"0.", "written out", "left")
    f.add("copies-encode.pkl", global_("_codecs", "encode") + b"p0\n0V" + b"x" * (1 << 20) + b"\np1\n0Vlatin1\np2\n0]"
          + b"g0\n(g1\ng2\ntRa" * 5000 + b".", "same bytes")
    f.add("copies-list.pkl", global_("builtins", "list") + b"p0\n0(" + b"N" * 100_000 + b"lp1\n0]" + b"g0\n(g1\ntRa" * 20_000 + b".",
          "structure")
    f.add("copies-dict.pkl", global_("collections", "OrderedDict") + b"p0\n0(" + b"K\x01N" * 50_000 + b"dp1\n0]"
          + b"g0\n(g1\ntRa" * 20_000 + b".", "structure")
    f.add("copies-frozenset.pkl", b"\x80\x04" + global_("builtins", "frozenset") + b"q\x00(" + b"N" * 50_000 + b"lq\x01"
          + b"h\x00h\x01\x85R" * 20_000 + b".", "structure")
    mib = 1 << 20
    units = {"lists": b"]", "dicts": b"}", "tuples": b")\x85", "memo": b"N\x94", "floats": b"G12345678", "dup": b"N2", "text": short("x"),
             "instances": global_("sklearn.base", "BaseEstimator") + b")\x81"}
    for name, unit in units.items():
        body = b"\x80\x04" + unit * (24 * mib // len(unit))
        f.add(f"bomb-{name}.joblib", zlib.compress(body, 9), "structure")
    # Much data from few bytes, in every codec: as junk, and as an array that fits its shape.
    def array_of(n):
        return (b"\x80\x02" + global_("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81}(S'shape'\n(I%d\ntS'order'\nS'C'\nS'dtype'\n"
                % n + global_("numpy", "dtype") + b"(S'u1'\nI0\nI1\ntRub")
    size = 80 * mib
    zeros = array_of(size) + bytes(size) + b"."
    for name, pack_ in {"zlib": lambda b: zlib.compress(b, 9), "gzip": lambda b: gzip.compress(b, 9, mtime=0), "bz2": bz2.compress,
                        "xz": lambda b: lzma.compress(b, preset=1), "lzma": lambda b: lzma.compress(b, lzma.FORMAT_ALONE, preset=1),
                        "lz4": lambda b: lz4.frame.compress(b)}.items():
        packed = pack_(zeros)
        # LZ4 makes at most 255 of one, so its 80 MiB are honest by the ratio; the array claims more than there is.
        if name == "lz4":
            packed = pack_(array_of(1 << 40) + bytes(mib))
        f.add(f"bomb-zeros.{name}.joblib", packed, "become more", "ends")
        f.add(f"bomb-junk.{name}.joblib", pack_(bytes(8 * mib)), "opcode")
        f.add(f"cut.{name}.joblib", pack_(b"\x80\x04N." * 1000)[:-9], "cut off", "broken", "middle", "more data")
        f.add(f"more.{name}.joblib", pack_(b"N.") + b"more", "more data", "broken")
    f.add("bomb-twice.joblib", zlib.compress(zlib.compress(bytes(100 * mib), 9), 9), "opcode")
    f.add("bomb-line.joblib", zlib.compress(b"V" + b"a" * (60 * mib), 9), "ends", "become more", "middle")
    f.add("bomb-lzma-dictionary.joblib", b"\x5d\x00\x00\xff\xff" + b"\xff" * 8 + bytes(20), "broken", "memory", "opcode")
    # A block header (after the 12 bytes of the stream's) that asks for a dictionary of 1 GiB.
    xz = bytearray(lzma.compress(b"N."))
    header = slice(12, 12 + (xz[12] + 1) * 4)
    xz[16] = 36
    xz[header.stop - 4:header.stop] = struct.pack("<I", zlib.crc32(xz[header.start:header.stop - 4]))
    f.add("bomb-xz-dictionary.joblib", bytes(xz), "memory")


def main():
    f = Files(sys.argv[1], sys.argv[2])
    for part in (calls, ways_to_name, abuse_of_what_is_allowed, arrays, malformed, bombs):
        part(f)
    f.close()


if __name__ == "__main__":
    main()

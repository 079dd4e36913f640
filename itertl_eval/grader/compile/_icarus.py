"""Find Icarus Verilog on this machine and learn how to call its parts directly.

The `iverilog` driver only writes three small files and starts `ivlpp | ivl` through a shell.
Calling the two directly saves a third of the compile time, so the driver is asked once what
it would have written (by pointing its `-B` at stand-ins that copy their argument files) and
that template is reused for every sample.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from itertl_eval.errors import InfrastructureError
from itertl_eval.grader.isolation import housekeeping, sandbox

RECOMMENDED = "12"
SUPPORTED = ("11", "12", "13")
_EVERYWHERE = (
    "crashes over return from a loop whose body is a named block or declares variables",
    "crashes on writes to a bit with a variable index in a member of a packed struct",
)
KNOWN_FAULTS = {
    "11": (
        "has no casts and few SystemVerilog types: it rejects some good designs and accepts some "
        "that 12 rejects",
        "simulates wrongly: always_comb blocks that write parts of one vector can trigger each "
        "other without end",
        "crashes on assignment patterns, unpacked array assignments and void functions",
        *_EVERYWHERE,
    ),
    "12": (
        "simulates wrongly: always_comb blocks that write parts of one vector and read the other's "
        "can trigger each other without end",
        "simulates wrongly: an always_comb misses signals that a void function in it reads",
        *_EVERYWHERE,
    ),
    "13": (
        "simulates wrongly: break in a loop whose body is a named block or declares variables",
        *_EVERYWHERE,
        "is newer than most published numbers (compare with 12 before you quote) and compiles "
        "none of VerilogEval's published testbenches",
    ),
}
"""What is known to go wrong, by major version."""

INSTALL_HELP = """\
Icarus Verilog was not found. Install it with one of
    sudo apt-get install iverilog          (Debian, Ubuntu)
    brew install icarus-verilog            (macOS)
    conda install -c conda-forge iverilog  (any, without root)
or point ITERTL_EVAL_ICARUS at an installation's prefix (the folder that holds bin/iverilog)."""

NO_TEMPORARY_FOLDER = (
    "no folder for temporary files can be written: set TMPDIR to one (a container that is "
    "--read-only needs --tmpfs /tmp:exec)"
)

_LIBRARY = re.compile(r"/\S+\.so\b[.\d]*")
_MODULE = re.compile(r"^module:(.*)\n", re.MULTILINE)
_NEEDED = ("D:__ICARUS__", "root:@ROOT@", "generation:2012", "out:@OUT@", "flag:DLL=")
"""Parts of the argument files, from the first to the last, without which no sample compiles."""
_STAND_IN = """\
#!/bin/sh
for argument in "$@"; do
    case "$argument" in
        -[CFfpP]/*) kind="${argument%%/*}"; cat "${argument#-?}" >> "$0$kind" ;;
        *) printf '%s\\n' "$argument" >> "$0.args" ;;
    esac
done
cat > /dev/null
"""


@dataclass(frozen=True)
class Icarus:
    """An installed Icarus Verilog.

    `defines` and `settings` are the driver's argument files for the preprocessor and for the
    compiler; `@ROOT@` and `@OUT@` are placeholders for the root module and the output file.
    `libraries` are the shared libraries outside the system's folders that it and this Python load,
    as in a conda environment.
    """

    version: str
    iverilog: str
    vvp: str
    base: str
    preprocessor: tuple[str, ...]
    defines: str
    settings: str
    libraries: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name and version, for people."""
        return f"Icarus Verilog {self.version}"

    @property
    def major(self) -> str:
        """The major version."""
        return self.version.split(".")[0]

    @property
    def bare_settings(self) -> str:
        """The compiler's settings without the modules."""
        return _MODULE.sub("", self.settings)

    @property
    def modules(self) -> tuple[str, ...]:
        """The files with the system tasks and functions that a compiled design requests."""
        return tuple(_MODULE.findall(self.settings))

    def as_dict(self) -> dict[str, Any]:
        """Return the fields in a form that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, facts: dict[str, Any]) -> Icarus:
        """Undo `as_dict`."""
        tuples = {name: tuple(facts[name]) for name in ("preprocessor", "libraries")}
        return cls(**{**facts, **tuples})


@cache
def find_icarus() -> Icarus:
    """Find `iverilog` and `vvp`, under ITERTL_EVAL_ICARUS if set, otherwise on the PATH.

    Raises:
        InfrastructureError: There is none, or no temporary folder to run it in; the message says
            what to do.
    """
    prefix = os.environ.get("ITERTL_EVAL_ICARUS")
    path = os.path.join(prefix, "bin") if prefix else None
    iverilog, vvp = shutil.which("iverilog", path=path), shutil.which("vvp", path=path)
    if iverilog is None or vvp is None:
        raise InfrastructureError(INSTALL_HELP)
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        raise InfrastructureError(NO_TEMPORARY_FOLDER) from None
    try:
        return _asked(os.path.realpath(iverilog), os.path.realpath(vvp))
    except OSError as error:
        folder = tempfile.gettempdir()
        if error.errno != errno.ENOSPC and not str(error.filename or "").startswith(folder):
            raise InfrastructureError(f"{iverilog} can't be started here: {error}") from None
        raise InfrastructureError(
            f"the temporary folder {folder} can't be used ({error.strerror}): "
            "make room or set TMPDIR to another folder"
        ) from None


def _asked(iverilog: str, vvp: str) -> Icarus:
    banner = _run([iverilog, "-V"])
    found = re.search(r"Icarus Verilog version (\S+)", banner)
    if found is None:
        raise InfrastructureError(f"{iverilog} -V names no version of Icarus Verilog:\n{banner}")
    compiled = _run_verbose(iverilog)
    base = re.search(r'^translate: "?(\S*?)/ivlpp\b', compiled, re.MULTILINE)
    if base is None:
        raise InfrastructureError(f"{iverilog} -v does not name its ivlpp:\n{compiled}")
    return _with_template(found[1], iverilog, vvp, base[1])


def _run(command: list[str]) -> str:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout + done.stderr


def _run_verbose(iverilog: str) -> str:
    with tempfile.TemporaryDirectory(prefix="itertl-") as folder:
        source = Path(folder, "empty.v")
        source.write_text("module empty; endmodule\n")
        return _run([iverilog, "-v", "-o", f"{folder}/out", str(source)])


def _with_template(version: str, iverilog: str, vvp: str, base: str) -> Icarus:
    with tempfile.TemporaryDirectory(prefix="itertl-") as name:
        folder = Path(name)
        for config in Path(base).glob("*.conf"):
            shutil.copy(config, folder)
        stand_ins = [folder / "ivlpp", folder / "ivl"]
        # By another process: what this one has open for writing is also open in what another
        # thread forks meanwhile, and can't be executed then.
        null = subprocess.DEVNULL
        subprocess.run(["tee", *stand_ins], input=_STAND_IN, text=True, stdout=null, stderr=null)
        housekeeping.require_room(folder)
        for stand_in in stand_ins:
            stand_in.chmod(0o755)
        options = ["-g2012", "-Wno-timescale", "-s", "@ROOT@", "-o", "@OUT@"]
        said = _run([iverilog, f"-B{folder}", *options, "source.sv"]).strip()
        housekeeping.require_room(folder)  # or a part would be taken for all of the settings
        try:
            arguments = (folder / "ivlpp.args").read_text().split()
            defines = (folder / "ivlpp-F").read_text()
            settings = _lean((folder / "ivl-C").read_text(), base)
        except FileNotFoundError as error:
            fault = _folder_fault(folder, stand_ins[0])
            raise InfrastructureError(
                fault or f"{iverilog} ignores -B, or {folder.parent} has no room: {said or error}"
            ) from None
        if lacking := [part for part in _NEEDED if part not in defines + settings]:
            raise InfrastructureError(
                f"{iverilog} -B gives no {', '.join(lacking)}: is there room in {folder.parent}?"
            )
        return Icarus(
            version=version,
            iverilog=iverilog,
            vvp=vvp,
            base=base,
            preprocessor=tuple(arguments),
            defines=defines.replace(str(folder), base),
            settings=settings.replace(str(folder), base),
            libraries=_libraries(vvp, f"{base}/ivl", f"{base}/ivlpp"),
        )


def _libraries(*tools: str) -> tuple[str, ...]:
    """Return what the tools and this Python load from elsewhere than the system's folders."""
    maps = Path("/proc/self/maps")
    listing = maps.read_text(encoding="utf-8") if maps.exists() else ""
    for tool in tools:  # as ldd does it: the loader lists what it would load, and runs nothing
        asked = {"LD_TRACE_LOADED_OBJECTS": "1"}
        try:
            done = subprocess.run(
                [tool],
                env=asked,
                stdin=subprocess.DEVNULL,  # one that is linked statically does run
                capture_output=True,
                text=True,
                check=False,
            )
        except (FileNotFoundError, PermissionError) as error:
            raise InfrastructureError(
                f"{tool} can't be started ({error.strerror}): install Icarus Verilog again"
            ) from None
        listing += done.stdout
    known = tuple(f"{folder}/" for folder in (*sandbox.SYSTEM, *sys.path) if folder)
    return tuple(sorted({p for p in _LIBRARY.findall(listing) if not p.startswith(known)}))


def _lean(settings: str, base: str) -> str:
    """Leave out what no sample needs and write out the code generator's path.

    Nothing needs the VHDL libraries and the search for library modules. Without its path, the
    compiler looks for the code generator in every library folder.
    """
    unneeded = re.compile(r"module:.*/vhdl_\w+\.vpi|ivlpp:")
    lean = "".join(line for line in settings.splitlines(True) if not unneeded.match(line))
    return re.sub(r"^flag:DLL=(?=\w+\.tgt$)", f"flag:DLL={base}/", lean, flags=re.MULTILINE)


def _folder_fault(folder: Path, program: Path) -> str:
    """Return why iverilog can't start a program in a temporary folder; "" if nothing is wrong."""
    remedy = "set TMPDIR to another folder"
    if re.search(r"\s", str(folder)):
        return f"iverilog can't handle the blank in the temporary folder {folder.parent}; {remedy}"
    try:
        subprocess.run([program], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except PermissionError:
        return f"no program can run in {folder.parent} (mounted with noexec?); {remedy}"
    return ""

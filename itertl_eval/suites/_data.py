"""Find and download published data at a pinned revision, verified by hash.

Sources in order: ITERTL_EVAL_DATA (a folder of archives, clones or unpacked copies), the cache,
the public archive. The bytes of an archive differ between servers, so the hash covers the data
files in it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from itertl_eval._util.paths import cache_folder, filling_folder
from itertl_eval.errors import InfrastructureError, UsageError

DATA_VARIABLE = "ITERTL_EVAL_DATA"
Files = dict[str, bytes]


@dataclass(frozen=True)
class Source:
    """A repository at one revision and the files that are read from it.

    Attributes:
        wanted: Path prefixes of the files that are read.
        digest: SHA-256 over the sorted lines "sha256-of-file  path" of those files.
        optional: Files that are read if present and that the digest does not cover.
        address: Where an only file is, for a source that is no repository with archives.
    """

    name: str
    repository: str
    revision: str
    wanted: tuple[str, ...]
    digest: str
    optional: tuple[str, ...] = ()
    address: str = ""

    @property
    def url(self) -> str:
        return (
            self.address or f"https://github.com/{self.repository}/archive/{self.revision}.tar.gz"
        )

    def wants(self, path: str) -> bool:
        """Whether a file belongs to the digest."""
        return path.startswith(self.wanted)

    def verify(self, files: Files) -> bool:
        """Whether these files are the pinned ones."""
        return bool(files) and digest_of({p: d for p, d in files.items() if self.wants(p)}) == (
            self.digest
        )


def digest_of(files: Files) -> str:
    """Return the digest of data files; see `Source`."""
    lines = (
        f"{hashlib.sha256(data).hexdigest()}  {path}\n" for path, data in sorted(files.items())
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _cvdp(name: str, version: str, kind: str, digest: str) -> Source:
    """One file of CVDP's code generation rows that need no commercial simulator."""
    data_set = "nvidia/cvdp-benchmark-dataset"
    file = f"cvdp_v{version}_{kind}_code_generation_no_commercial.jsonl"
    address = f"https://huggingface.co/datasets/{data_set}/resolve/main/{file}"
    return Source(name, data_set, f"v{version}", (file,), digest, address=address)


SOURCES = {
    source.name: source
    for source in (
        Source(
            name="verilog-eval-v1",
            repository="NVlabs/verilog-eval",
            revision="4fa0ac4ed70ff1685114c25cd2e4c17cbba6a0c4",
            wanted=("data/VerilogEval_", "descriptions/VerilogDescription_"),
            digest="7952e9a72772814f599fc1051fa0b4419ad941e1b056643447d56fb38bc00950",
        ),
        Source(
            name="verilog-eval-v2",
            repository="NVlabs/verilog-eval",
            revision="c498220d0a52248f8e3fdffe279075215bde2da6",
            wanted=(
                "dataset_spec-to-rtl/Prob",
                "dataset_code-complete-iccad2023/Prob",
                "scripts/verilog-example-prefix_",
            ),
            digest="685417f5f52eef303a645638438e0fca14107862777d0a49134f90825db8d79a",
            optional=("scripts/sv-generate", "verilog-eval-prompts.json"),
        ),
        Source(
            name="chipbench",
            repository="zhongkaiyu/ChipBench",
            revision="74fe7d283225ae030ef59326a06111c9d372b48e",
            wanted=("Verilog Gen/", "Verilog Debugging/"),
            digest="9eac3b3e3f2e29c0f63f77b9385a954ef1fb4bcb132f51cee59f6191cb3ed067",
        ),
        Source(
            name="rtllm-v2",
            repository="hkust-zhiyao/RTLLM",
            revision="41b26896e33b536940116a975626455eed3de65e",
            wanted=("Arithmetic/", "Control/", "Memory/", "Miscellaneous/"),
            digest="fc4ead568acd92f86cd1023f9981ea0e1b3c29d210e82589110386e53f831d7b",
        ),
        Source(
            name="cvdp-prompts",
            repository="NVlabs/cvdp_benchmark",
            revision="d54edc9c6d568f37cc58ae5c7e7cd1a6352405d2",
            wanted=("src/model_helpers.py", "src/dataset_processor.py"),
            digest="48fdba8b99eed3b8cd376dd3a44d45d81ce0b3c24dca0272e17d5d0d0bc7e547",
        ),
        _cvdp(
            "cvdp",
            "1.1.0",
            "nonagentic",
            "396384f28b8705650c5bcf49d78354b38474fccca990e9e7e7e018e838034292",
        ),
        _cvdp(
            "cvdp-agentic",
            "1.0.2",
            "agentic",
            "dcac2a4afb0c5a68ebb94cc8ea04cf3fa2ec69f4ff399da2056cd45946aa8805",
        ),
    )
}


def find_source(name: str) -> Files | None:
    """Return the data files of a source, path -> bytes; None if they are not on this machine."""
    source = SOURCES[name]
    folder = os.environ.get(DATA_VARIABLE)
    if folder:
        if not Path(folder).is_dir():
            raise UsageError(f"{DATA_VARIABLE}={folder} is not a folder")
        found = _search(source, Path(folder))
        if found:
            return found
    cached = _cached(source)
    if cached.is_dir() and source.verify(files := _read(source, cached)):
        return files
    return None


def read_source(name: str) -> Files:
    """Return the data files of a source, path -> bytes; download them if need be.

    Raises:
        InfrastructureError: The data is not on this machine; the message lists every way to get it.
    """
    files = find_source(name)
    if files is not None:
        return files
    source = SOURCES[name]
    try:
        return fetch(source)
    except OSError as error:
        raise InfrastructureError(
            f"{source.name} is not on this machine and could not be downloaded ({error}).\n"
            f"Either  itertl-eval fetch all           where {source.url} can be reached,\n"
            f"or      itertl-eval fetch {source.name} --from FILE_OR_FOLDER\n"
            f"or      export {DATA_VARIABLE}=FOLDER   that holds the archive, a clone at revision "
            f"{source.revision[:7]}, or its files."
        ) from None


def fetch(source: Source, origin: Path | None = None) -> Files:
    """Store a source in the cache, from its public archive or from a local file or folder.

    Raises:
        OSError: The download failed.
        InfrastructureError: The cache folder can't be written.
        UsageError: `origin` holds something else.
    """
    if origin is not None:
        if not origin.exists():
            raise UsageError(f"no file or folder {origin}")
        files = _read(source, origin)
        if not source.verify(files):
            files = _search(source, origin) or {} if origin.is_dir() else {}
        if not files:
            raise UsageError(
                f"{origin} does not hold {source.name} at revision {source.revision[:7]} "
                f"(expected {', '.join(source.wanted)}... with digest {source.digest[:12]})"
            )
    else:
        with tempfile.TemporaryDirectory(prefix="itertl-fetch-") as scratch:
            import urllib.request  # large, and rarely needed

            archive = Path(scratch, source.url.rpartition("/")[2])
            download = urllib.request.urlopen(source.url, timeout=60)
            with download as answer, archive.open("wb") as output:
                shutil.copyfileobj(answer, output)
            files = _read(source, archive)
        if not source.verify(files):
            raise OSError(f"{source.url} does not have the pinned content")
    _store(files, _cached(source))
    return files


def _cached(source: Source) -> Path:
    return cache_folder() / "data" / f"{source.name}-{source.revision[:12]}"


def _store(files: Files, target: Path) -> None:
    with filling_folder(target) as partial:
        for path, data in files.items():
            file = partial / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        shutil.rmtree(target, ignore_errors=True)


def _search(source: Source, folder: Path) -> Files | None:
    """The files of the source in `folder` itself or its first entry that holds them."""
    beside = {
        name: (folder / name).read_bytes() for name in source.optional if (folder / name).is_file()
    }
    for entry in [folder, *sorted(folder.iterdir())]:
        if entry.is_dir() or entry.name.endswith((".tar.gz", ".tgz", ".jsonl")):
            files = _read(source, entry)
            if source.verify(files):
                return beside | files
    return None


def _read(source: Source, origin: Path) -> Files:
    def wanted(path: str) -> bool:
        return source.wants(path) or path in source.optional

    files: Files = {}
    if origin.is_dir():
        for part in {name.split("/")[0] for name in source.wanted + source.optional}:
            found = [origin / part] if (origin / part).is_file() else (origin / part).rglob("*")
            for file in found:
                path = file.relative_to(origin).as_posix()
                if file.is_file() and wanted(path):
                    files[path] = file.read_bytes()
        return files
    if wanted(origin.name):
        return {origin.name: origin.read_bytes()}
    try:
        with tarfile.open(origin) as archive:
            for member in archive:
                path = member.name.partition("/")[2]
                if member.isfile() and wanted(path):
                    handle = archive.extractfile(member)
                    files[path] = handle.read() if handle else b""
    except tarfile.TarError as error:
        raise UsageError(f"{origin} is not a tar archive: {error}") from None
    return files

"""Parse a design with pyverilog before the compiler does.

pyverilog supports Verilog-2005 and little of SystemVerilog, so it rejects some good designs. Its
result is only a label: the compiler decides.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

_TABLE = "pyverilog.vparser.parsetab"
_parser: Any = None


def warm_up(cache: Path) -> None:
    """Build the parser, once per process; its LALR tables are kept in `cache` (saves 0.9 s).

    By itself, pyverilog would rebuild the tables for every parser and write files into the
    working folder: PLY looks for the tables under a module name that it then saves elsewhere.
    """
    global _parser
    if _parser is not None:
        return
    import pyverilog
    from pyverilog.vparser.parser import VerilogParser

    folder = cache / f"pyverilog-{pyverilog.__version__}-python{sys.hexversion:x}"
    stored = folder / "parsetab.py"
    if stored.exists():
        spec = importlib.util.spec_from_file_location(_TABLE, stored)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        with contextlib.suppress(Exception):  # a torn file: PLY builds the tables again
            spec.loader.exec_module(module)
            sys.modules[_TABLE] = module
    with tempfile.TemporaryDirectory(prefix="itertl-ply-") as scratch:
        with contextlib.redirect_stderr(open(os.devnull, "w")):
            _parser = VerilogParser(outputdir=scratch, debug=False)
        sys.modules.pop(_TABLE, None)  # the parser holds what it needs
        made = Path(scratch, "parsetab.py")
        if made.exists():
            with contextlib.suppress(OSError):
                folder.mkdir(parents=True, exist_ok=True)
                partial = folder / f".{os.getpid()}.tmp"
                partial.write_bytes(made.read_bytes())
                partial.replace(stored)


def reject(text: str) -> str | None:
    """Return None if pyverilog parses a preprocessed text, otherwise its complaint."""
    from pyverilog.vparser.parser import ParseError

    assert _parser is not None, "warm_up() comes first"
    _parser.lexer.filename = ""
    _parser.lexer.reset_lineno()
    try:
        _parser.parse(text)
    except ParseError as error:
        return str(error).strip() or "parse error"
    except (RecursionError, ValueError, IndexError, TypeError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"
    return None

"""Extract the code from a model's text by the rules of VerilogEval v2's generator script."""

from __future__ import annotations

from collections.abc import Iterator


def v2_sample(completion: str, interface: str) -> str:
    """Return the file that v2's generator script writes for a completion.

    Args:
        completion: The model's text.
        interface: The module header (code completion), put first unless the completion
            declares the module itself. Without one (spec-to-rtl), code between [BEGIN] and
            [DONE] comes first.
    """
    lines = completion.splitlines()
    if not interface:
        marked = _marked(lines)
        if marked is not None:
            return "\n".join(["", *marked, "", ""])
    ends = [k for k, line in enumerate(lines) if line.startswith("endmodule")]
    begins = [k for k, line in enumerate(lines) if line.startswith("module TopModule")]
    declared = bool(begins) and not (ends and ends[0] < begins[0])
    head = [f"{interface}\n"] if interface and not declared else []
    return "\n".join(["", *head, *_scanned(lines, declared), "", ""])


def _marked(lines: list[str]) -> list[str] | None:
    """Return the lines between the marks: [] without the second mark, None without the first."""
    start = next((k for k, line in enumerate(lines) if line.lstrip().startswith("[BEGIN]")), None)
    if start is None:
        return None
    first = lines[start].lstrip().replace("[BEGIN]", "")
    code = [first] if lines[start].strip() != "[BEGIN]" else []
    for line in lines[start + 1 :]:
        if line.rstrip().endswith("[DONE]"):
            last = line.rstrip().replace("[DONE]", "")
            return [*code, last] if line.strip() != "[DONE]" else code
        code.append(line)
    return []


def _scanned(lines: list[str], declared: bool) -> Iterator[str]:
    """Yield the lines in the first pair of fences, or else up to and with the first endmodule."""
    fenced = sum(line.startswith("```") for line in lines) >= 2
    fences, begun, ended = 0, not declared, False
    for line in lines:
        begun = begun or line.strip().startswith("module TopModule")
        keep = fences == 1 if fenced else begun and not ended
        if line.startswith("```"):
            fences += 1
            continue
        ended = ended or line.strip().startswith("endmodule")
        if keep:
            yield line

"""Find the design in a completion."""

from itertl_eval.grader.extraction._extract import MAX_LENGTH, Extraction, extract
from itertl_eval.grader.extraction._files import extract_files
from itertl_eval.grader.extraction._hints import detokenizer_fault
from itertl_eval.grader.extraction._thoughts import closes_thoughts, opening_mark, unclosed_mark

__all__ = [
    "MAX_LENGTH",
    "Extraction",
    "closes_thoughts",
    "detokenizer_fault",
    "extract",
    "extract_files",
    "opening_mark",
    "unclosed_mark",
]

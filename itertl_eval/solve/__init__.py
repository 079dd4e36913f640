"""Let a model try again after feedback: pass@1 after k turns."""

from itertl_eval.solve._conversation import AGAIN, Conversation, Turn, converse, opening
from itertl_eval.solve._rates import pass_after_turns
from itertl_eval.solve._run import mend_end, read_conversations, solve

__all__ = [
    "AGAIN",
    "Conversation",
    "Turn",
    "converse",
    "mend_end",
    "opening",
    "pass_after_turns",
    "read_conversations",
    "solve",
]

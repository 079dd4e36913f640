"""bus_fsm: control of a bus master, five states from a table."""

from itertl_eval.bench import Bench, Hold, Model

OUTPUTS = {  # request, busy, strobe, failed
    "IDLE": (0, 0, 0, 0),
    "REQUEST": (1, 1, 0, 0),
    "BEAT": (0, 1, 1, 0),
    "RETRY": (1, 1, 1, 0),
    "FAILED": (0, 0, 0, 1),
}
NAMES = ("request", "busy", "strobe", "failed")
TO = {  # one set of inputs that leads from IDLE to a state
    "IDLE": [],
    "REQUEST": [{"start": 1}],
    "BEAT": [{"start": 1}, {"start": 1, "grant": 1}],
    "RETRY": [{"start": 1}, {"start": 1, "grant": 1}, {"fault": 1}],
    "FAILED": [{"start": 1}, {"start": 1, "grant": 1}, {"fault": 1}, {"fault": 1}],
}
NONE = dict.fromkeys(("start", "grant", "fault", "last"), 0)


class Golden(Model):
    def reset(self):
        self.state = "IDLE"

    def edge(self, i):
        table = {
            "IDLE": [(i.start, "REQUEST")],
            "REQUEST": [(not i.start, "IDLE"), (i.grant, "BEAT")],
            "BEAT": [(i.fault, "RETRY"), (i.last, "IDLE"), (not i.grant, "REQUEST")],
            "RETRY": [(i.fault, "FAILED"), (i.grant, "BEAT")],
            "FAILED": [(not i.start, "IDLE")],
        }
        self.state = next((to for holds, to in table[self.state] if holds), self.state)

    def outputs(self, i):
        done = self.state == "BEAT" and i.last and not i.fault
        return {**dict(zip(NAMES, OUTPUTS[self.state], strict=True)), "done": done}


bench = Bench(
    Golden,
    clock="clk",
    reset="rst",
    inputs={"rst": 1, **dict.fromkeys(NONE, 1)},
    outputs=dict.fromkeys((*NAMES, "done"), 1),
)


def every_transition(state):
    """From `state` with each of the sixteen inputs, begun anew from reset each time."""
    for inputs in bench.every(*NONE, rst=0):
        yield {"rst": 1, **NONE}
        yield from ({"rst": 0, **NONE, **step} for step in TO[state])
        yield inputs
        yield Hold(NONE)


@bench.case
def from_idle(rng):
    return every_transition("IDLE")


@bench.case
def from_request(rng):
    return every_transition("REQUEST")


@bench.case
def from_beat(rng):
    return every_transition("BEAT")


@bench.case
def from_retry(rng):
    return every_transition("RETRY")


@bench.case
def from_failed(rng):
    return every_transition("FAILED")


@bench.case
def reset_is_synchronous_and_first(rng):
    for way in TO.values():
        yield from ({"rst": 0, **NONE, **step} for step in way)
        yield Hold(rst=1)
        yield Hold(rst=0)
        yield {"rst": 1, "start": 1, "grant": 1, "fault": 1, "last": 1}


@bench.case
def random_walk(rng):
    return bench.random(rng, 500, rst=0.02, start=0.8, fault=0.3, last=0.2)

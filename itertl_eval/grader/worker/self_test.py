"""An inverter's testbench: what a new fork server is tried on before it is trusted."""

from itertl_eval.bench import Bench

bench = Bench(lambda i: not i.a, inputs={"a": 1}, outputs={"y": 1})


@bench.case
def truth_table(rng):
    return bench.every()


def job(design: str) -> dict:
    """A worker's job for one design of a module `inverter`."""
    return {
        "source": f"module inverter(input a, output y); assign y = {design}; endmodule\n",
        "top": "inverter", "ports": [["a", "input", 1], ["y", "output", 1]], "parameters": {},
        "testbench": __file__, "seed": 1, "nonce": "0selftest", "wall": 20.0, "cpu": 10,
        "simulation": 10, "memory": 1024, "file": 16,
    }  # fmt: skip

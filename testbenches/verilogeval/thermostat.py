"""thermostat: heater, air conditioner and fan by mode and temperature."""

from itertl_eval.bench import Bench


def golden(i):
    heater = i.mode & i.too_cold
    aircon = ~i.mode & i.too_hot
    return {"heater": heater, "aircon": aircon, "fan": heater | aircon | i.fan_on}


bench = Bench(
    golden,
    inputs={"mode": 1, "too_cold": 1, "too_hot": 1, "fan_on": 1},
    outputs={"heater": 1, "aircon": 1, "fan": 1},
)


@bench.case
def heating(rng):
    return bench.every(mode=1)


@bench.case
def cooling(rng):
    return bench.every(mode=0)


@bench.case
def random_order(rng):
    return bench.random(rng, 100)

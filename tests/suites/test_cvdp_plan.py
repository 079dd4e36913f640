"""CVDP: the simulations that a row's own runner asks for."""

from __future__ import annotations

import pytest

from itertl_eval import grade
from itertl_eval.grader.harness import HarnessError, simulations_of
from tests.suites.cvdp_rows import COMPOSE, COUNTER, ENV, RUNNER, fenced, row


@pytest.mark.simulator
class TestPlan:
    def test_the_rows_own_runner_decides(self, problem_of):
        first, second = simulations_of(problem_of(row()))
        assert first.sources == ("rtl/counter.sv", "rtl/add_one.sv")
        assert (first.top, first.module, first.timescale) == (
            "counter",
            "test_counter.py",
            "1ns/1ns",
        )
        assert (first.parameters, first.plusargs) == ({"WIDTH": "2"}, ("+width=2",))
        assert 4 <= int(second.parameters["WIDTH"]) <= 32
        assert first.environment["MODULE"] == "test_counter"
        assert "PYTHONPATH" not in first.environment

    def test_chance_in_a_runner_is_settled(self, problem_of, monkeypatch, tmp_path):
        drawn = simulations_of(problem_of(row()))[1]
        monkeypatch.setattr("itertl_eval.grader.harness._plan._known", {})
        other = row(id="own_agentic_counter_0002", **{"src/other.py": ""})
        assert simulations_of(problem_of(other))[1].parameters == drawn.parameters

    def test_a_script_may_be_a_program_that_sets_variables(self, problem_of):
        program = RUNNER.replace("random.randint(4, 32)", "5").split("@pytest")[0]
        program += "os.environ['DEPTH'] = '7'\nrunner(9)\n"
        compose = COMPOSE.replace("pytest -s -o cache_dir=/rundir/.cache", "python3")
        files = {"src/test_runner.py": program, "docker-compose.yml": compose}
        [only] = simulations_of(problem_of(row(**files)))
        assert only.parameters == {"WIDTH": "9"}
        assert only.environment["DEPTH"] == "7"

    def test_packages_that_a_service_installs_are_not_installed(self, problem_of):
        command = "pytest -s -o cache_dir=/rundir/.cache /src/test_runner.py -v"
        shell = COMPOSE.replace(command, f'sh -c "pip install aes && {command}"')
        [service] = problem_of(row(**{"docker-compose.yml": shell})).harness.services
        assert (service.script, service.pytest) == ("test_runner.py", True)

    @pytest.mark.parametrize(
        ("files", "reason"),
        [
            ({"src/.env": ENV.replace("icarus", "xcelium")}, "simulator 'xcelium'"),
            ({"src/test_runner.py": RUNNER + "import nothing_like_it\n"}, "nothing_like_it"),
            ({"src/test_runner.py": "def test_nothing(): ...\n"}, "simulates nothing"),
            (
                {"src/test_runner.py": RUNNER + "import subprocess\nsubprocess.run(['ls'])\n"},
                "starts a program",
            ),
            ({"src/test_runner.py": RUNNER + "def test_more():\n  assert 0\n"}, "test_more"),
            ({"src/test_runner.py": RUNNER.replace("waves=True", "pre_cmd=['x']")}, "pre_cmd"),
            ({"src/.env": ENV.replace("test_counter", "test_other")}, "no test module test_other"),
            ({"docker-compose.yml": "services: 3"}, "docker-compose.yml can't be read"),
            ({"docker-compose.yml": COMPOSE.replace("pytest -s", "make")}, "runs make"),
            ({"docker-compose.yml": COMPOSE.replace("test_runner", "synth")}, "no synth.py"),
            ({"docker-compose.yml": COMPOSE.replace("src/.env", "src/.e")}, "no src/.e"),
        ],
    )
    def test_what_is_not_understood_is_refused_by_name(self, problem_of, files, reason):
        problem = problem_of(row(**files))
        with pytest.raises(HarnessError, match=reason):
            simulations_of(problem)
        verdict = grade(problem, fenced(COUNTER))
        assert (verdict.status, verdict.testbench_fault) == ("infra_error", True)
        assert reason in verdict.message

    @pytest.mark.slow
    def test_scripts_that_never_end_are_stopped(self, problem_of, monkeypatch):
        monkeypatch.setattr("itertl_eval.grader.harness._plan._SECONDS", 1.0)
        with pytest.raises(HarnessError, match="timeout"):
            simulations_of(problem_of(row(**{"src/test_runner.py": "while True: pass\n"})))

    def test_a_script_that_a_busy_machine_has_stopped_is_run_again(self, problem_of, monkeypatch):
        problem = problem_of(row(id="own_agentic_counter_0003", **{"src/other.py": ""}))
        with monkeypatch.context() as patch:
            patch.setattr("itertl_eval.grader.harness._plan._SECONDS", 0.01)
            with pytest.raises(HarnessError, match="timeout"):
                simulations_of(problem)
        assert len(simulations_of(problem)) == 2

    def test_scripts_see_no_files_of_this_machine(self, problem_of, tmp_path):
        secret = tmp_path / "secret"
        secret.write_text("x")
        script = f"open({str(secret)!r})\n"
        with pytest.raises(HarnessError, match="Permission"):
            simulations_of(problem_of(row(**{"src/test_runner.py": script})))

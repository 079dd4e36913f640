"""Several turns with feedback: what the model hears, what is counted, what survives a kill."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from itertl_eval import load_suite
from itertl_eval._util.output_files import open_output
from itertl_eval.cli import main
from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.solve import Conversation, Turn, converse, pass_after_turns, read_conversations
from itertl_eval.verdict import ungraded

SUITE = load_suite("rtl_core")
PROBLEM = SUITE["gray_counter"]


def verdict(status="fail", message="line 3: syntax error"):
    stage = "pass" if status == "pass" else "syntax"
    return replace(ungraded(PROBLEM.id, 0, 0, message), status=status, stage=stage)


def conversation(task_id, *statuses, sample=0):
    return Conversation(task_id, sample, [Turn("", verdict(status)) for status in statuses])


def test_the_model_hears_what_is_wrong_and_only_that():
    heard = []

    def ask(messages):
        heard.append(list(messages))
        return f"try {len(heard)}"

    verdicts = iter([verdict(), verdict(message="ports differ"), verdict("pass")])
    found = converse(PROBLEM, 0, 5, ask, lambda *_: next(verdicts))
    assert found.passed_at == 3
    assert [turn.completion for turn in found.turns] == ["try 1", "try 2", "try 3"]
    assert PROBLEM.prompt.text in heard[0][-1]["content"]
    assert [message["role"] for message in heard[2][-4:]] == ["assistant", "user"] * 2
    assert "line 3: syntax error" in heard[2][-3]["content"]
    assert "ports differ" in heard[2][-1]["content"]


def test_it_ends_at_the_last_turn_and_at_a_failure_of_the_machine():
    assert len(converse(PROBLEM, 0, 2, lambda _: "", lambda *_: verdict()).turns) == 2
    broken = converse(PROBLEM, 0, 9, lambda _: "", lambda *_: verdict("infra_error"))
    assert len(broken.turns) == 1
    assert broken.ungraded
    assert broken.passed_at is None


def test_pass_at_1_after_each_number_of_turns():
    found = [
        conversation("a", "pass"),
        conversation("a", "fail", "pass", sample=1),
        conversation("b", "fail", "fail", "fail"),
        conversation("c", "infra_error"),
    ]
    rates = pass_after_turns(found, 3)
    assert [rates[turn][0] for turn in (1, 2, 3)] == [0.25, 0.5, 0.5]


class Chat(BaseHTTPRequestHandler):
    """Answers wrongly first and rightly after feedback, for the problem named in the prompt."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        said = body["messages"]
        problem = next(
            p
            for p in SUITE.values()
            if p.prompt.text in said[-1]["content"]
            or any(p.prompt.text in message["content"] for message in said)
        )
        tries = sum(message["role"] == "assistant" for message in said)
        text = problem.reference if tries else "module wrong; endmodule"
        choice = {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": text},
        }
        answer = {
            "id": "x",
            "object": "chat.completion",
            "created": 0,
            "model": "m",
            "choices": [choice],
        }
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    pytest.importorskip("openai")
    with ThreadingHTTPServer(("127.0.0.1", 0), Chat) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        server.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        yield server
        server.shutdown()


@pytest.mark.simulator
def test_from_the_command_line_and_again(server, tmp_path, capsys):
    output = tmp_path / "out.jsonl"
    command = [
        "solve",
        "--task",
        "rtl_core",
        "--model",
        "m",
        "--base-url",
        server.url,
        "--limit",
        "3",
    ]
    command += ["--turns", "2", "--jobs", "1", "--output", str(output)]
    assert main([*command, "--json"]) == 0
    rates = json.loads(capsys.readouterr().out)["pass@1_after_turns"]
    assert {turn: rate["value"] for turn, rate in rates.items()} == {"1": 0.0, "2": 1.0}
    assert len(server.asked) == 6
    lines = output.read_text().splitlines()
    output.write_text("\n".join(lines[:2]) + "\n" + lines[2][:40])
    assert main(command) == 0
    assert len(server.asked) == 8  # one conversation was held again
    assert "after 2 turns  1.0000" in capsys.readouterr().out
    assert len(read_conversations(output)) == 3


@pytest.mark.parametrize(
    "text", ['{"task_id": "a"}\n{"task_id": "b"}\n', '{"task_id": "a"}', "x\n"]
)
def test_what_another_command_wrote_is_refused(tmp_path, capsys, text):
    file = tmp_path / "verdicts.jsonl"
    file.write_text(text)
    with pytest.raises(UsageError, match="not a conversation"):
        read_conversations(file)
    command = ["solve", "--task", "rtl_core", "--model", "m", "--base-url", "http://127.0.0.1:1/v1"]
    assert main([*command, "--output", str(file)]) == 2
    assert "choose another --output" in capsys.readouterr().err
    assert file.read_text() == text


def solved(file, *more):
    """Run solve for the first problem with conversations of a file; return the exit code."""
    command = ["solve", "--task", "rtl_core", "--model", "m", "--base-url", "http://127.0.0.1:1/v1"]
    return main([*command, "--limit", "1", "--output", str(file), "--json", *map(str, more)])


def write_rows(file, *conversations, **sampling):
    held = {"model": "m", "temperature": 0.0, "max_tokens": 2048, **sampling}
    rows = [{**each.as_row(), "sampling": held} for each in conversations]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_fewer_samples_lose_nothing_of_the_file(tmp_path, capsys):
    pytest.importorskip("openai")
    first, second = list(SUITE)[:2]
    file = tmp_path / "out.jsonl"
    held = [conversation(first, "pass"), conversation(first, "fail", "fail", "fail", sample=1)]
    write_rows(file, *held, conversation(second, "pass"))
    kept = file.read_text()
    file.write_text(kept + '{"task_id": "x", "sam')  # killed while it wrote
    assert solved(file) == 0
    rates = json.loads(capsys.readouterr().out)["pass@1_after_turns"]
    assert rates["1"]["value"] == 1.0
    assert file.read_text() == kept


def test_conversations_of_another_model_are_not_counted_as_its_own(tmp_path, capsys):
    pytest.importorskip("openai")
    file = tmp_path / "out.jsonl"
    write_rows(file, conversation(next(iter(SUITE)), "pass"), model="other")
    assert solved(file) == 2
    said = capsys.readouterr().err
    assert '"model": "other"' in said
    assert "choose another --output" in said


def test_a_conversation_with_turns_left_is_held_again(tmp_path, monkeypatch, capsys):
    """One of `--turns 1` says nothing of a second turn."""
    pytest.importorskip("openai")
    from itertl_eval.cli import _solve

    file = tmp_path / "out.jsonl"
    write_rows(file, conversation(next(iter(SUITE)), "fail"))
    monkeypatch.setattr(_solve, "_ask", lambda _: lambda _: "")
    assert solved(file, "--turns", 1) == 0
    assert len(file.read_text().splitlines()) == 1
    assert solved(file, "--turns", 2) == 0
    assert len(file.read_text().splitlines()) == 2  # appended, and counted in place of the first
    [found] = read_conversations(file)
    assert len(found.turns) == 2


def test_a_file_that_another_process_writes_is_refused(tmp_path, capsys):
    pytest.importorskip("openai")
    file = tmp_path / "out.jsonl"
    with open_output("--output", file):
        assert solved(file) == 2
    assert "another process is writing to it" in capsys.readouterr().err


def test_a_server_that_is_not_there(monkeypatch, capsys):
    openai = pytest.importorskip("openai")
    monkeypatch.setattr(openai.OpenAI, "__init__", lambda self, **_: None)
    gone = property(lambda _: raises(openai.OpenAIError("gone")))
    monkeypatch.setattr(openai.OpenAI, "chat", gone, raising=False)  # 1.55 sets it when made
    command = ["solve", "--task", "rtl_core", "--model", "m", "--base-url", "x", "--limit", "1"]
    assert main(command) == InfrastructureError.exit_code
    assert "the model at x did not answer: gone" in capsys.readouterr().err


def raises(error):
    raise error

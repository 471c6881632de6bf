"""How a server process is started, signalled, waited for and ended, shown on small programs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from servers import ServerError
from servers.process import ServerProcess

ROOT = Path(__file__).resolve().parents[2]

READY = "import time, sys; print('ready', flush=True); time.sleep(600)"
FAMILY = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])
print('child', child.pid, flush=True)
time.sleep(600)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('ready', flush=True)
time.sleep(600)
"""
POLITE = """
import signal, sys, time
def end(*_):
    print('goodbye', flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print('ready', flush=True)
time.sleep(600)
"""


def server(tmp_path: Path, program: str) -> ServerProcess:
    return ServerProcess("it", [sys.executable, "-c", program], log=tmp_path / "it.log")


def wait_ready(process: ServerProcess, word: str = "ready") -> None:
    process.wait_until(lambda: word in process.log_text(), "ready", 30)


def is_alive(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        state = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=True
        ).stdout.strip()
    except subprocess.CalledProcessError:
        return False
    return not state.startswith("Z")


def wait_gone(pid: int) -> None:
    """Wait for the end of a process that is not our child."""
    deadline = time.monotonic() + 30
    while is_alive(pid):
        assert time.monotonic() < deadline, f"process {pid} lives on"
        time.sleep(0.02)


def test_start_kill_and_start_again(tmp_path: Path) -> None:
    process = server(tmp_path, READY)
    assert not process.running
    process.start()
    wait_ready(process)
    first = process.pid
    assert process.running
    process.kill()
    assert not process.running
    assert not is_alive(first)
    process.start()
    wait_ready(process)
    assert process.pid != first
    process.stop()
    assert not process.running


def test_the_log_of_an_earlier_start_is_no_sign_of_this_one(tmp_path: Path) -> None:
    process = server(tmp_path, READY)
    process.start()
    wait_ready(process)
    process.kill()
    process.command = [sys.executable, "-c", "import time; time.sleep(600)"]
    process.start()
    assert process.log_text() == ""
    assert process.log.read_text() == "ready\n"
    process.kill()


def test_the_whole_process_group_ends(tmp_path: Path) -> None:
    process = server(tmp_path, FAMILY)
    process.start()
    wait_ready(process, "child")
    child = int(process.log_text().split()[1])
    assert is_alive(child)
    process.kill()
    wait_gone(child)


def test_stop_lets_it_end_in_order(tmp_path: Path) -> None:
    process = server(tmp_path, POLITE)
    process.start()
    wait_ready(process)
    process.stop()
    assert "goodbye" in process.log_text()


def test_stop_kills_what_does_not_end(tmp_path: Path) -> None:
    process = server(tmp_path, STUBBORN)
    process.start()
    wait_ready(process)
    pid = process.pid
    process.stop(timeout=0.2)
    assert not is_alive(pid)


def test_a_paused_one_can_be_resumed_and_stopped(tmp_path: Path) -> None:
    process = server(tmp_path, POLITE)
    process.start()
    wait_ready(process)
    process.pause()
    assert process.running
    process.stop()
    assert "goodbye" in process.log_text()


def test_one_that_ends_before_it_is_ready_is_an_error_with_its_log(tmp_path: Path) -> None:
    process = server(tmp_path, "print('no disk'); raise SystemExit(3)")
    process.start()
    with pytest.raises(ServerError, match=r"(?s)exit code 3\) before ready.*no disk"):
        wait_ready(process)


def test_one_that_is_never_ready_is_an_error_with_its_log(tmp_path: Path) -> None:
    process = server(tmp_path, "import time; print('busy', flush=True); time.sleep(600)")
    process.start()
    wait_ready(process, "busy")
    with pytest.raises(ServerError, match=r"(?s)runs, but not yet there.*busy"):
        process.wait_until(lambda: False, "there", 0.1)
    process.kill()


def test_a_command_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    process = ServerProcess("it", [str(tmp_path / "nothing")], log=tmp_path / "it.log")
    with pytest.raises(ServerError, match="cannot be started"):
        process.start()
    assert not process.running


def test_what_does_not_run_has_no_id_and_takes_no_signal(tmp_path: Path) -> None:
    process = server(tmp_path, READY)
    with pytest.raises(ServerError, match="not running"):
        _ = process.pid
    with pytest.raises(ServerError, match="not running"):
        process.pause()
    process.kill()
    process.stop()


def test_it_is_not_started_twice(tmp_path: Path) -> None:
    process = server(tmp_path, READY)
    process.start()
    with pytest.raises(ServerError, match="running already"):
        process.start()
    process.kill()


STARTER = """
import os, sys, time
from pathlib import Path
from servers.process import ServerProcess
process = ServerProcess('it', [sys.executable, '-c', 'import time; time.sleep(600)'],
                        log=Path(sys.argv[1]))
process.start()
{before}
print(process.pid, flush=True)
{after}
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("", "time.sleep(600)"),
        ("if os.fork() == 0: time.sleep(600)", "time.sleep(600)"),
    ],
    ids=["it ends by itself", "it is killed", "it is killed, its forked child lives on"],
)
def test_it_dies_with_its_starter(tmp_path: Path, before: str, after: str) -> None:
    program = STARTER.format(before=before, after=after)
    starter = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "it.log")],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        start_new_session=True,
    )
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    if after:
        assert is_alive(pid)
        starter.kill()
    starter.wait()
    wait_gone(pid)
    starter.stdout.close()
    if "fork" in before:
        os.killpg(starter.pid, signal.SIGKILL)

"""The page on the command line: every command stands there, and those that it shows run in their order."""

import re
import shlex
from pathlib import Path

import pytest

from sdeframe import cli, registry

PAGE = Path(__file__).parents[3] / "docs/command_line.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_every_command_stands_on_the_page():
    assert set(re.findall(r"`sdeframe ([a-z-]+)", TEXT)) == set(registry.names("commands"))


@pytest.mark.long
def test_the_commands_run(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    lines = [line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]
    assert len(lines) == 7
    for line in lines:
        monkeypatch.setattr("sys.argv", shlex.split(line))
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, error = capsys.readouterr()
        assert (end.value.code, error) == (0, ""), (line, out, error)
    assert {path.name for path in tmp_path.iterdir()} == {"run.nc", "run.png", "excited.png"}

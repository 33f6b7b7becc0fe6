"""Files that are there whole or not at all, and what is deleted of those that never became whole."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cogrnn_lab import atomic_files
from cogrnn_lab.atomic_files import replacing, write_text

WRITER = """
import sys
from cogrnn_lab.atomic_files import replacing
with replacing(sys.argv[1]) as file:
    file.write(b"half")
    file.flush()
    print("writing", flush=True)
    sys.stdin.read()
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_gets_its_name_when_it_is_on_the_disk(tmp_path, monkeypatch):
    done, fsync, replace = [], os.fsync, Path.replace

    def noting_fsync(descriptor):
        done.append("folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file")  # noqa: PTH112
        fsync(descriptor)

    def noting_replace(path, target):
        done.append("name")
        return replace(path, target)

    write_text(tmp_path / "a.txt", "old")
    monkeypatch.setattr(atomic_files.os, "fsync", noting_fsync)
    monkeypatch.setattr(Path, "replace", noting_replace)
    with replacing(tmp_path / "a.txt") as file:
        file.write(b"new")
        assert (tmp_path / "a.txt").read_text() == "old"
    assert (tmp_path / "a.txt").read_text() == "new"
    assert done == ["file", "name", "folder"]
    assert names(tmp_path) == ["a.txt"]


def test_a_new_folder_is_on_the_disk_too(tmp_path, monkeypatch):
    synced, sync = [], atomic_files._sync_folder
    monkeypatch.setattr(atomic_files, "_sync_folder", lambda folder: (synced.append(folder), sync(folder)))
    write_text(tmp_path / "deep" / "deeper" / "a.txt", "new")
    assert synced == [tmp_path, tmp_path / "deep", tmp_path / "deep" / "deeper"]


def test_an_exception_leaves_the_old_file(tmp_path):
    write_text(tmp_path / "a.txt", "old")

    def stopped_midway():
        with replacing(tmp_path / "a.txt") as file:
            file.write(b"ne")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stopped_midway()
    assert (tmp_path / "a.txt").read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_the_users_own_mask_says_who_may_read(tmp_path):
    before = os.umask(0o027)
    try:
        path = write_text(tmp_path / "a.txt", "x")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o640


def test_what_a_kill_left_behind_is_swept_and_nothing_else(tmp_path):
    own = [".a.txt.original", ".a.txt.settings.bak", "a.txt.partial", ".b.txt.0a1b2c3d.partial", ".a.txtx"]
    for name in own:
        (tmp_path / name).write_text("keep")
    (tmp_path / ".a.txt.0a1b2c3d.partial").write_text("left behind")
    (tmp_path / ".a.txt.k3_9dkq2").write_text("left behind by an earlier version")
    (tmp_path / ".a.txt.k3_9dkq2").chmod(0o600)
    write_text(tmp_path / "a.txt", "new")
    assert names(tmp_path) == sorted([*own, "a.txt"])


def test_what_another_process_is_writing_is_left_to_it(tmp_path):
    path = tmp_path / "a.txt"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout
        assert writer.stdin
        assert writer.stdout.readline() == "writing\n"
        write_text(path, "ours")
        assert len(names(tmp_path)) == 2
        writer.stdin.close()
        assert writer.wait() == 0
    assert path.read_text() == "half", "the last one to end"
    assert names(tmp_path) == ["a.txt"]


def test_a_killed_writer_leaves_the_old_file_and_its_own_is_swept(tmp_path):
    path = write_text(tmp_path / "a.txt", "old")
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout
        assert writer.stdout.readline() == "writing\n"
        writer.kill()
    assert path.read_text() == "old"
    assert len(names(tmp_path)) == 2
    write_text(path, "new")
    assert names(tmp_path) == ["a.txt"]

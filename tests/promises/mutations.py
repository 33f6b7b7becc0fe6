"""Ways to spoil a file: its bytes, its container, its JSON, its arrays."""

import io
import json
import random
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Mutation = Callable[[bytes, random.Random], bytes]

# What may stand in the place of a value of JSON.
HOSTILE: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 7, 2**31, -(2**63), 2**64, 10**30, 1e308, -1e308, float("nan"),
    float("inf"), 0.5, "", "x", "0", "../../../etc/passwd", "/dev/zero", "__import__('os').system('true')",
    "<script>alert(1)</script>", "\0", "\ud800", "a" * 5000, [], {}, [[]], [None], [1, "a"], {"": None},
    {"kind": "DisRNN"}, [10**9], [[0] * 50] * 50,
)  # fmt: skip


# --- bytes ----------------------------------------------------------------------------------------


def flipped(content: bytes, rng: random.Random) -> bytes:
    """One to eight bytes are others."""
    new = bytearray(content)
    for _ in range(rng.randint(1, 8)):
        if new:
            new[rng.randrange(len(new))] = rng.randrange(256)
    return bytes(new)


def cut(content: bytes, rng: random.Random) -> bytes:
    """The end is missing."""
    return content[: rng.randrange(len(content) + 1)]


def holed(content: bytes, rng: random.Random) -> bytes:
    """A page of it is zeros, as after a crash of a machine."""
    begin = rng.randrange(len(content) + 1)
    n = min(rng.choice((1, 16, 512, 4096)), len(content) - begin)
    return content[:begin] + bytes(n) + content[begin + n :]


def shuffled(content: bytes, rng: random.Random) -> bytes:
    """A piece of it stands somewhere else, too."""
    begin, where = rng.randrange(len(content) + 1), rng.randrange(len(content) + 1)
    return content[:where] + content[begin : begin + rng.randint(1, 300)] + content[where:]


def foreign(content: bytes, rng: random.Random) -> bytes:
    """Another file altogether."""
    return rng.choice(
        (
            b"", b"\0", b"hello\n", b"\x80\x04\x95\x00.", b"PK\x05\x06" + bytes(18), b"PK\x03\x04" * 40,
            b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (), }\n",
            b"%PDF-1.7\n", b"\x1f\x8b\x08\x00" + bytes(20), b"{}", b"[" * 100_000, b"<?xml?><a/>",
            rng.randbytes(2000),
        )
    )  # fmt: skip


BYTES: tuple[Mutation, ...] = (flipped, cut, holed, shuffled, foreign)


# --- a value of JSON ------------------------------------------------------------------------------


def spoiled_value(value: Any, rng: random.Random) -> Any:
    """A value of JSON with one to three places changed."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        value = _spoiled(value, rng)
    return value


def _spoiled(value: Any, rng: random.Random) -> Any:
    """One node of a tree of JSON is another; all nodes are as likely, however deep."""
    places = [where for where in _places(value) if where not in ((), ("format",))]
    return _at(value, rng.choice(places), rng) if places else rng.choice(HOSTILE)


def _places(value: Any, where: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield where
    if isinstance(value, dict):
        for name, own in value.items():
            yield from _places(own, (*where, name))
    elif isinstance(value, list):
        for i, own in enumerate(value):
            yield from _places(own, (*where, i))


def _at(value: Any, where: tuple[Any, ...], rng: random.Random) -> Any:
    name = where[0]
    if len(where) > 1:
        new = dict(value) if isinstance(value, dict) else list(value)
        new[name] = _at(value[name], where[1:], rng)
        return new
    if isinstance(value, list):
        act = rng.random()
        if act < 0.15:
            return value[:name] + value[name + 1 :]
        if act < 0.3:
            return [*value[:name], value[name], *value[name:]]
        return [*value[:name], _another_value(value[name], rng), *value[name + 1 :]]
    act = rng.random()
    if act < 0.15:
        return {k: v for k, v in value.items() if k != name}
    if act < 0.2:
        return value | {rng.choice(("x", "__class__", "", f"{name}_")): rng.choice(HOSTILE)}
    return value | {name: _another_value(value[name], rng)}


def _another_value(value: Any, rng: random.Random) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool) and rng.random() < 0.5:
        return rng.choice((value + 1, -value, value * 1000, float(value), str(value), [value]))
    return rng.choice(HOSTILE)


def spoiled_json(content: bytes, rng: random.Random) -> bytes:
    """A file of JSON with some values changed, or nested too deep."""
    if rng.random() < 0.05:
        return _deep(rng)
    return json.dumps(spoiled_value(json.loads(content), rng)).encode("utf-8", "surrogatepass")


def _deep(rng: random.Random) -> bytes:
    n = rng.choice((60, 900, 5000, 200_000))
    begin, end = rng.choice(((b"[", b"]"), (b'{"a":', b"}")))
    return begin * n + b"1" + end * n


# --- an .npz of a header and arrays ---------------------------------------------------------------


def spoiled_header(content: bytes, rng: random.Random) -> bytes:
    """The header says something else, and the file is whole."""
    members = _members(content)
    header = json.loads(str(np.load(io.BytesIO(members["header.npy"]))))
    text = _deep(rng).decode() if rng.random() < 0.03 else json.dumps(spoiled_value(header, rng))
    members["header.npy"] = _npy(np.array(text))
    return _packed(members)


def spoiled_array(content: bytes, rng: random.Random) -> bytes:
    """One array is missing, is another, or has a head that says something else."""
    members = _members(content)
    name = rng.choice(list(members))
    if rng.random() < 0.15:
        del members[name]
    elif rng.random() < 0.5 and b"|O" not in members[name][:40]:
        members[name] = _npy(_another(np.load(io.BytesIO(members[name])), rng))
    else:
        members[name] = _another_head(members[name], rng)
    return _packed(members)


def _another(array: np.ndarray, rng: random.Random) -> np.ndarray:
    return rng.choice(
        (
            lambda: array.reshape(-1),
            lambda: array[None],
            lambda: array[..., :1] if array.ndim else array,
            lambda: np.zeros((0, *array.shape), array.dtype),
            lambda: np.array("text"),
            lambda: np.zeros(array.shape, "U3"),
            lambda: np.zeros(array.shape, bool),
            lambda: np.zeros(array.shape, complex),
            lambda: np.full(array.shape, np.nan),
            lambda: np.full(array.shape, 2**62),
            lambda: np.full(array.shape, -7),
            lambda: np.zeros((3,) * 9, np.int8),
        )
    )()


def _another_head(content: bytes, rng: random.Random) -> bytes:
    """A head that declares a huge shape, objects, or what is no literal."""
    shape = rng.choice(
        ("(10000000000000,)", "(-1,)", "(99999999, 99999999, 99999999)", "(1,) * 10**9", "()", "(2.5,)", "3")
    )
    kind = rng.choice(("'<f4'", "'|O'", "'<U999999999'", "[('a', '|O')]", "'<M8[s]'", "print", "'|V8'"))
    head = rng.choice(
        (
            f"{{'descr': {kind}, 'fortran_order': False, 'shape': {shape}, }}",
            f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}",
            "(" * 2000,
            "__import__('os')",
            "{" * 90 + "}" * 90,
            "",
        )
    )
    text = (head + " " * (63 - len(head) % 64) + "\n").encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little")[:2] + text + content[128:]


def spoiled_container(content: bytes, rng: random.Random) -> bytes:
    """A bomb, a path out of the folder, two members of a name, a packed or encrypted one."""
    members = _members(content)
    act = rng.randrange(7)
    if act == 0:
        return _packed(members | {"bomb.npy": bytes(50 * 2**20)}, zipfile.ZIP_DEFLATED)
    if act == 1:
        return _packed(members | {"../../escaped.npy": _npy(np.zeros(3)), "/tmp/escaped.npy": b""})
    if act == 2:
        return _packed(members, rng.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)))
    if act == 3:
        return _overlapping(rng.choice((100, 3000)))
    if act == 4:
        return _with_twins(members)
    if act == 5:
        return _packed(members).replace(
            b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00"
        )
    return _packed(members)[:-22] + b"PK\x05\x06" + rng.randbytes(18)


def _overlapping(n: int) -> bytes:
    """Many members that are all the same bytes of the file."""
    data = bytes(2**20)
    local = (
        b"PK\x03\x04"
        + bytes(10)
        + zlib.crc32(data).to_bytes(4, "little")
        + len(data).to_bytes(4, "little") * 2
    )
    local += (1).to_bytes(2, "little") + bytes(2) + b"a"
    directory = b""
    for i in range(n):
        name = f"{i:06d}.npy".encode()
        directory += (
            b"PK\x01\x02" + bytes(12) + zlib.crc32(data).to_bytes(4, "little")
            + len(data).to_bytes(4, "little") * 2 + len(name).to_bytes(2, "little") + bytes(12 + 4) + name
        )  # fmt: skip
    end = b"PK\x05\x06" + bytes(4) + n.to_bytes(2, "little") * 2 + len(directory).to_bytes(4, "little")
    return local + data + directory + end + len(local + data).to_bytes(4, "little") + bytes(2)


def _with_twins(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, own in [*members.items(), *list(members.items())[:1]]:
            file.writestr(zipfile.ZipInfo(name), own)
    return out.getvalue()


def _members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {name: file.read(name) for name in file.namelist()}


def _packed(members: dict[str, bytes], how: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as file:
        for name, own in members.items():
            file.writestr(name, own)
    return out.getvalue()


def _npy(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, array, allow_pickle=False)
    return out.getvalue()


ARCHIVE: tuple[Mutation, ...] = (
    *BYTES, spoiled_header, spoiled_header, spoiled_header, spoiled_array, spoiled_array, spoiled_container,
)  # fmt: skip
FOREIGN_ARCHIVE: tuple[Mutation, ...] = (*BYTES, spoiled_array, spoiled_array, spoiled_container)
JSON: tuple[Mutation, ...] = (*BYTES, spoiled_json, spoiled_json, spoiled_json)


# --- tables ---------------------------------------------------------------------------------------


def spoiled_table(content: bytes, rng: random.Random) -> bytes:
    """A table of text with cells, lines or marks that do not belong there."""
    lines = content.decode().split("\n")
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(lines))
        cells = lines[place].split(",")
        cells[rng.randrange(len(cells))] = rng.choice(
            ("", "x", '"', "1e999", "-1", "NaN", "9" * 400, "\0", "=1+1", "é", "0x10", "1,2", "\ufeff", "'")
        )
        lines[place] = ",".join(cells)
    return "\n".join(lines).encode()


TABLE: tuple[Mutation, ...] = (*BYTES, spoiled_table, spoiled_table)


def spoiled_workbook(content: bytes, rng: random.Random) -> bytes:
    """A workbook whose XML is another."""
    members = _members(content)
    name = rng.choice([own for own in members if own.endswith((".xml", ".rels"))])
    text = members[name].decode()
    members[name] = rng.choice(
        (
            lambda: flipped(text.encode(), rng),
            lambda: text.replace('r="A2"', 'r="XFD1048576"').encode(),
            lambda: text.replace('<row r="2"', '<row r="999999999"').encode(),
            lambda: text.replace('t="n"', f't="{rng.choice("sbde")}"').encode(),
            lambda: text.replace("<v>1</v>", "<v>1e999</v>").encode(),
            lambda: text.encode()[: rng.randrange(len(text))],
            lambda: b"",
            lambda: b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + text.encode(),
        )
    )()
    if rng.random() < 0.1:
        members["xl/bomb.xml"] = bytes(2**20)
    return _packed(members, zipfile.ZIP_DEFLATED)


WORKBOOK: tuple[Mutation, ...] = (flipped, cut, holed, shuffled, spoiled_workbook, spoiled_workbook)

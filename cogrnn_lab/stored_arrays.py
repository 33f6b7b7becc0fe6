"""Arrays of an .npz file, read within limits that the file's own size sets, and never evaluated or unpickled.

NumPy's reader evaluates the head of each array as Python, makes an array of any declared shape before it
looks whether the file has as much, and unpacks whatever is packed. Here a head is what NumPy writes, word for
word; an array has exactly the bytes that its file has of it; and nothing is packed, as nothing is that this
package writes, so that what is read is never larger than the file.
"""

import math
import re
import zipfile
from pathlib import Path

import numpy as np

from cogrnn_lab.schemas import FileError, taking_apart

MOST_ARRAYS = 1_000_000
ENDING = ".npy"
# Numbers, text and truth values of a fixed size.
HEAD = re.compile(
    rb"\{'descr': '([<>|=][biufcU]\d{1,9})', 'fortran_order': (True|False), "
    rb"'shape': \(((?:\d{1,18}, )*(?:\d{1,18},?)?)\), \} *\n"
)
MAGIC = b"\x93NUMPY"


def stored_arrays(path: Path) -> dict[str, np.ndarray]:
    """Read all arrays of a file that `numpy.savez` wrote.

    Arguments:
        path: The file.

    Returns:
        Arrays by name.

    Raises:
        FileNotFoundError: There is none.
        FileError: It is no such file, is damaged, or would take more room than it has itself.
    """
    if not path.exists():
        raise FileNotFoundError(f"there is no file {str(path)!r}")
    if not path.is_file():  # a pipe would be waited for
        raise FileError(f"{str(path)!r} is a folder or a device, expected a file")
    try:
        with taking_apart(path), zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check_members(members, path.stat().st_size)
            return {_name(one): array_of(archive.read(one)) for one in members}
    except FileError as error:
        raise FileError(
            f"{str(path)!r} is not a file that cogrnn_lab saved, or it is damaged ({_reason(error, path)})"
        ) from error


def array_of(content: bytes) -> np.ndarray:
    """Make the array of the bytes of an .npy file."""
    if content[:6] != MAGIC or content[6:8] not in (b"\1\0", b"\2\0", b"\3\0"):
        raise FileError("an array in it does not begin as one")
    begin = 10 if content[6] == 1 else 12
    size = int.from_bytes(content[8:begin], "little")
    head = HEAD.fullmatch(content[begin : begin + size]) if size < 2**14 else None
    if head is None:
        raise FileError("an array in it is not of numbers or text, or has a damaged head")
    kind, shape = np.dtype(head[1].decode()), tuple(int(n) for n in head[3].replace(b",", b" ").split())
    held = len(content) - begin - size
    if kind.itemsize == 0 or math.prod(shape) * kind.itemsize != held:
        raise FileError(f"an array in it has {held} bytes, which is not its shape {shape} of {kind}")
    flat = np.frombuffer(content, kind, offset=begin + size)
    return flat.reshape(shape, order="F" if head[2] == b"True" else "C").copy(order="K")  # to be written to


def _check_members(members: list[zipfile.ZipInfo], size: int) -> None:
    if len(members) > MOST_ARRAYS or len({one.filename for one in members}) != len(members):
        raise FileError("it has too many arrays, or two of the same name")
    for one in members:
        if one.compress_type != zipfile.ZIP_STORED or one.flag_bits & 1:
            raise FileError("its arrays are packed or encrypted, as no file of cogrnn_lab is")
    if sum(one.file_size for one in members) > size:
        raise FileError("its arrays are said to be larger than the file")


def _name(member: zipfile.ZipInfo) -> str:
    return member.filename.removesuffix(ENDING)


def _reason(error: FileError, path: Path) -> str:
    """The sentence without the name of the file."""
    cause = error.__cause__
    if isinstance(cause, zipfile.BadZipFile):
        return "it is not whole"
    return str(cause if isinstance(cause, FileError) else error).replace(f"{str(path)!r} ", "")

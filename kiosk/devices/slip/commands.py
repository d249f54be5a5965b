"""Where one ESC/POS command ends and the next begins: what keeps a raster's bytes from being taken for commands."""

ESC, GS, FS, DLE = 0x1B, 0x1D, 0x1C, 0x10

_ESC_ARGUMENTS = (
    {ord(c): 1 for c in "!EG-adJ3tMRV r=T{s%?eU"} | {ord(c): 2 for c in "$\\c"} | {ord("p"): 3, ord("W"): 8}
)
_GS_ARGUMENTS = {ord(c): 1 for c in "!BarIhwHfbTEj/c"} | {ord(c): 2 for c in "LWP$\\"} | {ord("g"): 4}
_FS_ARGUMENTS = {ord(c): 1 for c in "!C-W"} | {ord(c): 2 for c in "Sp"}


def command_length(data: bytes | bytearray, at: int) -> int | None:
    """Length of the command or character at ``at``; None when its end has not come yet. Never 0."""
    lead = data[at]
    if lead not in (ESC, GS, FS, DLE):
        return 1
    if at + 1 >= len(data):
        return None
    code = data[at + 1]
    length = {ESC: _esc, GS: _gs, FS: _fs, DLE: _dle}[lead](data, at, code)
    return None if length is None or at + length > len(data) else length


def _word(data: bytes | bytearray, at: int, size: int = 2) -> int | None:
    return int.from_bytes(data[at : at + size], "little") if at + size <= len(data) else None


def _counted(data: bytes | bytearray, at: int, head: int, size: int = 2) -> int | None:
    count = _word(data, at + head, size)
    return None if count is None else head + size + count


def _until_zero(data: bytes | bytearray, at: int, head: int) -> int | None:
    end = data.find(b"\x00", at + head)
    return None if end < 0 else end - at + 1


def _esc(data: bytes | bytearray, at: int, code: int) -> int | None:
    if code == ord("*"):
        columns = _word(data, at + 3)
        if columns is None:
            return None
        return 5 + columns * (3 if data[at + 2] in (32, 33) else 1)
    if code == ord("("):
        return _counted(data, at, 3)
    if code == ord("D"):
        return _until_zero(data, at, 2)
    return 2 + _ESC_ARGUMENTS.get(code, 0)


def _gs(data: bytes | bytearray, at: int, code: int) -> int | None:
    if code == ord("v"):
        wide, high = _word(data, at + 4), _word(data, at + 6)
        return None if wide is None or high is None else 8 + wide * high
    if code == ord("("):
        return _counted(data, at, 3)
    if code == ord("8"):
        return _counted(data, at, 3, 4)
    if code in (ord("V"), ord("k"), ord("*")) and at + 2 >= len(data):
        return None
    if code == ord("V"):
        return 4 if data[at + 2] in (65, 66, 97, 98, 103, 104) else 3
    if code == ord("k"):
        return _counted(data, at, 3, 1) if data[at + 2] >= 65 else _until_zero(data, at, 3)
    if code == ord("*"):
        down = _word(data, at + 3, 1)
        return None if down is None else 4 + data[at + 2] * down * 8
    return 2 + _GS_ARGUMENTS.get(code, 0)


def _fs(data: bytes | bytearray, at: int, code: int) -> int | None:
    if code == ord("("):
        return _counted(data, at, 3)
    return 2 + _FS_ARGUMENTS.get(code, 0)


def _dle(data: bytes | bytearray, at: int, code: int) -> int | None:
    if code in (0x04, 0x05):
        return 3
    if code == 0x14:
        function = _word(data, at + 2, 1)
        return None if function is None else {8: 10}.get(function, 5)
    return 2


def is_cut(command: bytes) -> bool:
    """Whether the command cuts the paper."""
    return command[:2] in (b"\x1dV", b"\x1bi", b"\x1bm")

"""On which kind of file system a folder lies, after proc(5)."""

from pathlib import Path

MEMORY_FILE_SYSTEMS = frozenset({"tmpfs", "ramfs"})


def file_system_of(path: Path, mountinfo: Path) -> str:
    """The type of the file system that ``path`` lies on; empty when it can't be told."""
    try:
        rows = mountinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    best, kind = "", ""
    wanted = str(path.absolute())
    for row in rows:
        left, _, right = row.partition(" - ")
        words = left.split()
        if len(words) < 5 or not right:
            continue
        point = words[4].replace("\\040", " ")
        is_above = wanted == point or wanted.startswith(point.rstrip("/") + "/")
        if is_above and len(point) >= len(best):
            best, kind = point, right.split()[0]
    return kind

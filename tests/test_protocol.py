"""The wall between face and core: what goes in comes out, and nothing else gets through."""

import struct
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk import protocol as p

TO_FACE = list(p.ToFace.__args__)
FROM_FACE = list(p.FromFace.__args__)
BODIES = list(p.Body.__args__)


@cache
def models(kind: type[p.Model]) -> st.SearchStrategy[Any]:
    """Any instance of a model, by its own type hints."""
    hints = msgspec.structs.fields(kind)
    return st.builds(kind, **{hint.name: values(hint.type) for hint in hints})


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a field's type; lists and texts stay short."""
    arguments = getattr(kind, "__args__", ())
    origin = getattr(kind, "__origin__", None)
    if origin is list:
        return st.lists(values(arguments[0]), max_size=2)
    if origin is dict:
        return st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3)
    if arguments:
        return st.one_of([values(argument) for argument in arguments])
    if isinstance(kind, type) and issubclass(kind, p.Model):
        return models(kind)
    plain = {
        str: st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
        int: st.integers(-(2**31), 2**63 - 1),
        bool: st.booleans(),
        bytes: st.binary(max_size=64),
        type(None): st.none(),
    }
    return plain[kind] if kind in plain else st.sampled_from(kind)


def body_of(message: p.Model) -> bytes:
    frame = p.encode(message)
    assert struct.unpack(">I", frame[:4]) == (len(frame) - 4,)
    return frame[4:]


@settings(max_examples=20, deadline=None)
@pytest.mark.parametrize("kind", TO_FACE + FROM_FACE, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_every_message_comes_out_as_it_went_in(kind: type[p.Model], data: st.DataObject) -> None:
    message = data.draw(models(kind))
    decode = p.decode_to_face if kind in TO_FACE else p.decode_from_face
    assert decode(body_of(message)) == message


@settings(max_examples=12, deadline=None)
@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_every_body_crosses_on_its_page(kind: type[p.Model], data: st.DataObject) -> None:
    strip = p.Strip("Dinas", "Nusa", "09.41", p.Tone.GOOD, "Terhubung", [])
    page = p.Page(1, "page", "key", "Judul", strip, p.Look(), data.draw(models(kind)))
    found = p.decode_to_face(body_of(p.ShowPage(page)))
    assert found == p.ShowPage(page)
    assert type(found.page.body) is kind


@pytest.mark.parametrize("kind", TO_FACE + FROM_FACE, ids=lambda kind: kind.__name__)
@given(data=st.data())
@settings(max_examples=1, deadline=None)
def test_a_field_that_is_not_known_is_refused(kind: type[p.Model], data: st.DataObject) -> None:
    raw = msgspec.to_builtins(data.draw(models(kind)), builtin_types=(bytes,))
    decode = p.decode_to_face if kind in TO_FACE else p.decode_from_face
    decode(msgspec.msgpack.encode(raw))
    with pytest.raises(p.ProtocolError):
        decode(msgspec.msgpack.encode({**raw, "more": 1}))


def test_a_message_of_the_other_direction_is_refused() -> None:
    with pytest.raises(p.ProtocolError):
        p.decode_from_face(body_of(p.Forget()))
    with pytest.raises(p.ProtocolError):
        p.decode_to_face(body_of(p.Activity()))


@given(junk=st.binary(max_size=200))
def test_garbage_is_an_error_of_the_protocol_and_of_nothing_else(junk: bytes) -> None:
    for decode in (p.decode_from_face, p.decode_to_face):
        try:
            message = decode(junk)
        except p.ProtocolError:
            continue
        assert isinstance(message, p.Model)


@pytest.mark.parametrize("depth", [100, 2_000, 200_000])
def test_nesting_without_end_is_refused_like_any_garbage(depth: int) -> None:
    """The decoder skips what stands before the tag, and would climb down as deep as somebody cared to nest."""
    body = b"\x82\xa1x" + b"\x91" * depth + b"\xc0" + b"\xa4type\xa5hello"
    for decode in (p.decode_from_face, p.decode_to_face):
        with pytest.raises(p.ProtocolError):
            decode(body)


def test_a_refusal_names_no_value() -> None:
    """What was typed must not come back in an exception that somebody logs."""
    typed = {"type": "submitted", "event": "e", "serial": "481516", "action": "submit", "values": {"pin": "481516"}}
    with pytest.raises(p.ProtocolError) as refused:
        p.decode_from_face(msgspec.msgpack.encode(typed))
    assert "481516" not in str(refused.value)
    assert refused.value.__suppress_context__


@given(data=st.data(), count=st.integers(0, 6))
@settings(deadline=None)
def test_frames_are_cut_right_whatever_the_chunks(data: st.DataObject, count: int) -> None:
    bodies = [data.draw(st.binary(max_size=40)) for _ in range(count)]
    stream = b"".join(struct.pack(">I", len(body)) + body for body in bodies)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    reader = p.FrameReader()
    found: list[bytes] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += reader.feed(stream[start:end])
    assert found == bodies


def test_a_frame_that_is_not_whole_is_kept_until_it_is() -> None:
    reader = p.FrameReader()
    frame = p.encode(p.Activity())
    assert list(reader.feed(frame[:-1])) == []
    assert list(reader.feed(frame[-1:] + frame[:2])) == [frame[4:]]
    assert list(reader.feed(frame[2:])) == [frame[4:]]


def test_a_length_above_the_limit_is_refused_before_its_bytes_come() -> None:
    at_limit = p.FrameReader()
    assert list(at_limit.feed(struct.pack(">I", p.MAX_FRAME))) == []
    with pytest.raises(p.ProtocolError):
        list(p.FrameReader().feed(struct.pack(">I", p.MAX_FRAME + 1)))


def test_what_is_too_large_is_never_sent() -> None:
    with pytest.raises(p.ProtocolError):
        p.encode(p.ShowPicture("preview-0", 1, 1, bytes(p.MAX_FRAME)))
    assert p.encode(p.ShowPicture("preview-0", 1, 1, bytes(p.MAX_FRAME // 2)))


def test_models_cannot_be_changed_in_place() -> None:
    with pytest.raises(AttributeError):
        p.Painted(1, "attract").serial = 2  # type: ignore[misc]

"""A small flow that is right, and ways to spoil it."""

from kiosk.flows.check import check_document
from kiosk.flows.compiled import CompiledFlow
from kiosk.flows.loader import parse
from kiosk.flows.problems import Problem

NAME = "contoh.yaml"

TEXT = """\
format: 1
id: contoh
icon: list
title: {id: Contoh, en: Example}
text: {id: Contoh layanan, en: An example}
devices: [document-printer]
card_removed: continue
standard:
  requirements: {id: NIK, en: NIK}
  duration: {id: 3 menit, en: 3 minutes}
  fee: {id: Gratis, en: Free}
  legal_basis: {id: UU 24/2013, en: Law 24/2013}
  product: {id: Kertas, en: Paper}
  complaints: {id: Petugas, en: Officers}
dots:
  - {id: one, text: {id: Satu, en: One}}
steps:
  identify:
    kind: identify
    dot: one
    proofs: [card, nik]
    then: person
    failed: failed
    timeout: stopped
    cancel: end
  person:
    kind: fetch
    dot: one
    what: person
    then: look-up
    failed: failed
    timeout: failed
    cancel: stopped
  look-up:
    kind: fetch
    dot: one
    what: documents
    then: review
    failed: failed
    timeout: failed
    cancel: stopped
  review:
    kind: review
    dot: one
    title: {id: Sudah benar?, en: Is it right?}
    sections:
      - title: {id: Data, en: Data}
        rows:
          - {field: person.nik, text: {id: NIK, en: NIK}, mask: true}
    then: choose
    timeout: stopped
    cancel: stopped
  choose:
    kind: documents
    dot: one
    documents: [kk]
    then: ask
    none: stopped
    timeout: stopped
    cancel: stopped
  ask:
    kind: menu
    dot: one
    title: {id: Cetak?, en: Print?}
    choices:
      print:
        title: {id: Ya, en: Print}
        when: {field: document.can_print, is: true}
        then: print
      again:
        title: {id: Lagi, en: Again}
        then: choose
    timeout: stopped
    cancel: stopped
  print:
    kind: print
    dot: one
    then: done
    failed: failed
    unknown: unclear
    timeout: stopped
    cancel: stopped
  done:
    kind: finish
    ending: done
    title: {id: Selesai, en: Done}
  unclear:
    kind: finish
    ending: unknown
    title: {id: Belum jelas, en: Unclear}
  failed:
    kind: finish
    ending: failed
    title: {id: Gagal, en: Failed}
  stopped:
    kind: finish
    ending: cancelled
    title: {id: Berhenti, en: Stopped}
"""


def spoiled(*changes: tuple[str, str]) -> str:
    """The flow's text with each first occurrence replaced; a change that changes nothing is a mistake of the test."""
    text = TEXT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def checked(
    text: str, name: str = NAME, languages: tuple[str, ...] = ("id", "en"), devices: frozenset[str] | None = None
) -> tuple[CompiledFlow | None, tuple[Problem, ...]]:
    return check_document(parse(text, name), languages, devices)


def lines(text: str, language: str = "en", **how: object) -> list[str]:
    """Each problem's first line as people read it."""
    _, problems = checked(text, **how)  # type: ignore[arg-type]
    return [problem.render(language).splitlines()[0] for problem in problems]


def with_proofs(proofs: str, devices: str = "[document-printer]") -> CompiledFlow:
    flow, problems = checked(
        spoiled(("proofs: [card, nik]", f"proofs: {proofs}"), ("devices: [document-printer]", f"devices: {devices}"))
    )
    assert problems == ()
    assert flow is not None
    return flow

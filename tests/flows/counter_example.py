"""A flow of forms and tickets with ways round, and what the shipped ones leave out: a pad, conditions, one more."""

from functools import cache

from kiosk.flows.compiled import CompiledFlow

from .example import TEXT, checked

HEAD = TEXT[: TEXT.index("steps:")].replace("devices: [document-printer]", "devices: []")
STEPS = """\
steps:
  ask:
    kind: form
    dot: one
    fields:
      topic:
        kind: choice
        title: {id: Apa?, en: What?}
        choices:
          machine: {title: {id: Mesin, en: Machine}, icon: print}
          staff: {title: {id: Petugas, en: Officer}}
          other: {title: {id: Lain, en: Other}}
      where:
        kind: number
        title: {id: Loket berapa?, en: Which counter?}
        min_length: 2
        max_length: 3
    send: complaint
    then: more
    failed: failed
    timeout: stopped
    cancel: more
  more:
    kind: form
    dot: one
    fields:
      want:
        kind: choice
        title: {id: Nomor?, en: A number?}
        choices:
          yes: {title: {id: Ya, en: 'Yes'}}
          again: {title: {id: Lagi, en: Again}}
          no: {title: {id: Tidak, en: 'No'}}
    then: again
    timeout: done
    cancel: done
  again:
    kind: menu
    dot: one
    when: {field: form.more.want, is: again}
    otherwise: number
    title: {id: Lagi?, en: Again?}
    choices:
      ask: {title: {id: Tanya, en: Ask}, then: ask}
      more: {title: {id: Lanjut, en: Go on}, then: more}
    timeout: done
    cancel: done
  number:
    kind: ticket
    dot: one
    when: {field: form.more.want, is: yes}
    otherwise: done
    queue: layanan
    name: {id: Layanan, en: Service}
    then: review
    failed: failed
    timeout: done
  review:
    kind: review
    dot: one
    title: {id: Sudah benar?, en: Is it right?}
    sections:
      - title: {id: Data, en: Data}
        rows:
          - {field: ticket.label, text: {id: Nomor, en: Number}}
          - {field: form.more.want, text: {id: Mau, en: Wanted}}
    then: slip
    timeout: done
    cancel: done
  slip:
    kind: slip
    dot: one
    layout: ticket
    then: round
  round:
    kind: menu
    dot: one
    title: {id: Lagi?, en: Again?}
    choices:
      number: {title: {id: Satu lagi, en: One more}, then: number}
      done: {title: {id: Selesai, en: Done}, then: done}
    timeout: done
    cancel: done
  done:
    kind: finish
    ending: done
    title: {id: Selesai, en: Done}
  failed:
    kind: finish
    ending: failed
    title: {id: Gagal, en: Failed}
  stopped:
    kind: finish
    ending: cancelled
    title: {id: Berhenti, en: Stopped}
"""
COUNTER = HEAD + STEPS


def told(*changes: tuple[str, str], language: str = "en") -> list[str]:
    """What is said of the flow with each first occurrence replaced: the first line of each problem."""
    _, problems = checked(changed(*changes))
    return [problem.render(language).splitlines()[0] for problem in problems]


def changed(*changes: tuple[str, str]) -> str:
    text = COUNTER
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


@cache
def counter() -> CompiledFlow:
    """The flow, which is right."""
    flow, problems = checked(COUNTER)
    assert not problems, "\n".join(problem.render("en") for problem in problems)
    assert flow is not None
    return flow

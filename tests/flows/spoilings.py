"""Ways to spoil the example, each with a name; ``messages.<language>.txt`` holds what is said of each, word for word."""  # noqa: E501

ASKS = """\
  asks:
    kind: form
    dot: one
    fields:
      topic:
        kind: choice
        title: {id: Apa?, en: What?}
        choices:
          machine: {title: {id: Mesin, en: Machine}}
          staff: {title: {id: Petugas, en: Officer}}
      where:
        kind: number
        title: {id: Loket berapa?, en: Which counter?}
        max_length: 3
    send: complaint
    then: takes
    failed: failed
    timeout: stopped
    cancel: stopped
  takes:
    kind: ticket
    dot: one
    queue: layanan
    name: {id: Layanan, en: Service}
    then: review
    failed: failed
    timeout: stopped
"""


PRINTS = (
    "print\n    dot: one\n    then: done\n    failed: failed\n    unknown: unclear\n"
    "    timeout: stopped\n    cancel: stopped\n"
)
SLIPS = "slip\n    dot: one\n    then: done\n    layout: "


def asking(*changes: tuple[str, str]) -> list[tuple[str, str]]:
    """The example with a form and a ticket in it, and these changes; without any it is right."""
    return [("    then: review\n", "    then: asks\n"), ("  review:\n", ASKS + "  review:\n"), *changes]


SPOILINGS: list[tuple[str, list[tuple[str, str]]]] = [
    ("anchor", [("id: contoh", "id: &a contoh")]),
    ("alias", [("icon: list", "icon: *a")]),
    ("tag", [("icon: list", "icon: !!str list")]),
    ("directive", [("format: 1", "%YAML 1.1\n---\nformat: 1")]),
    ("duplicate key", [("icon: list", "icon: list\nicon: map")]),
    ("complex key", [("icon: list", "? [a, b]\n: list")]),
    ("broken", [("icon: list", "icon: [list")]),
    ("tab", [("icon: list", "icon:\tlist\n\tx: 1")]),
    ("two documents", [("icon: list", "---\nicon: list")]),
    ("control character", [("icon: list", "icon: \x01")]),
    ("deep", [("icon: list", "icon: " + "[" * 20 + "]" * 20)]),
    ("extra key", [("    what: person", "    what: person\n    tmeout: end")]),
    ("extra key far from all", [("icon: list", "icon: list\nzzz: 1")]),
    ("missing key", [("icon: list\n", "")]),
    ("missing what", [("    what: person\n", "")]),
    ("bad name", [("id: contoh", "id: Contoh Saja")]),
    ("bad step name", [("  look-up:\n", "  Look Up:\n"), ("then: look-up", "then: failed")]),
    ("bad field name", [("field: person.nik", "field: Person NIK")]),
    ("bad language name", [("title: {id: Contoh, en: Example}", "title: {id: Contoh, en: Example, English: Example}")]),
    ("bad date", [("{field: document.can_print, is: true}", "{field: document.issued, before: 2020-1-1}")]),
    ("enum", [("what: documents", "what: document")]),
    ("literal", [("devices: [document-printer]", "devices: [document-printer, dokumen]")]),
    ("proof", [("proofs: [card, nik]", "proofs: [card, nkk]")]),
    ("layout", [("    kind: print\n", "    kind: slip\n    layout: receit\n")]),
    ("format", [("format: 1", "format: 2")]),
    ("format quoted", [("format: 1", 'format: "1"')]),
    ("empty text", [("title: {id: Contoh, en: Example}", 'title: {id: "", en: Example}')]),
    ("long text", [("text: {id: Contoh layanan", "text: {id: " + "x" * 601)]),
    ("few", [("proofs: [card, nik]", "proofs: []")]),
    ("many", [("proofs: [card, nik]", "proofs: [card, nik, qr, code, card]")]),
    ("code with data", [("proofs: [card, nik]", "proofs: [card, nik, code]")]),
    ("biometric alone", [("proofs: [card, nik]", "proofs: [qr]\n    biometrics: [face, finger]")]),
    ("biometric as a proof", [("proofs: [card, nik]", "proofs: [face]")]),
    ("biometric twice", [("proofs: [card, nik]", "proofs: [card]\n    biometrics: [face, face]")]),
    ("small", [("    what: person", "    what: person\n    limit_s: 1")]),
    ("large", [("    what: person", "    what: person\n    limit_s: 601")]),
    ("octal", [("    what: person", "    what: person\n    limit_s: 010")]),
    ("truth", [("    proofs: [card, nik]", "    proofs: [card, nik]\n    offer_bind: yes")]),
    ("quoted truth", [("    proofs: [card, nik]", '    proofs: [card, nik]\n    offer_bind: "true"')]),
    ("not text", [("icon: list", "icon: [list]")]),
    ("not mapping", [("title: {id: Contoh, en: Example}", "title: Contoh")]),
    ("not list", [("devices: [document-printer]", "devices: document-printer")]),
    (
        "step not mapping",
        [
            (
                "  person:\n    kind: fetch\n    dot: one\n    what: person\n    then: look-up\n    failed: failed\n    timeout: failed\n    cancel: stopped\n",  # noqa: E501
                "  person: fetch\n",
            )
        ],
    ),
    ("number for text", [("icon: list", "icon: 9")]),
    *[
        (f"standard {k}", [(f"  {k}: ", f"  # {k}: ")])
        for k in ("requirements", "duration", "fee", "legal_basis", "product", "complaints")
    ],
    ("standard whole", [("standard:\n", "standards:\n")]),
    ("wiring then", [("    then: person\n", "")]),
    ("wiring failed", [("    then: person\n    failed: failed\n", "    then: person\n")]),
    (
        "wiring timeout",
        [("    cancel: end", "    cancel: end"), ("    timeout: stopped\n    cancel: end", "    cancel: end")],
    ),
    ("wiring cancel", [("    cancel: end\n", "")]),
    ("wiring unknown", [("    unknown: unclear\n", "")]),
    ("wiring none", [("    none: stopped\n", "")]),
    ("wiring otherwise", [("    kind: menu\n", "    kind: menu\n    when: {field: proof, is: card}\n")]),
    ("kind none", [("    kind: documents\n", "")]),
    ("kind unknown", [("    kind: documents\n", "    kind: document\n")]),
    ("ticket without a queue", asking(("    queue: layanan\n", ""))),
    ("ticket without a name", asking(("    name: {id: Layanan, en: Service}\n", ""))),
    ("ticket without a way", asking(("    then: review\n    failed: failed\n", "    then: review\n"))),
    ("ticket that is cancelled", asking(("    queue: layanan\n", "    queue: layanan\n    cancel: stopped\n"))),
    ("ticket name in one language", asking(("name: {id: Layanan, en: Service}", "name: {id: Layanan}"))),
    ("form without fields", asking((ASKS[ASKS.index("    fields:") : ASKS.index("    send:")], ""))),
    ("field of no kind", asking(("        kind: number\n", ""))),
    ("field of an unknown kind", asking(("        kind: number\n", "        kind: numbr\n"))),
    ("field with a strange key", asking(("        max_length: 3\n", "        max_length: 3\n        mx: 3\n"))),
    ("answer with a strange key", asking(("machine: {title:", "machine: {titel: {id: A, en: A}, title:"))),
    ("field without a title", asking(("        title: {id: Loket berapa?, en: Which counter?}\n", ""))),
    ("field title in one language", asking(("{id: Loket berapa?, en: Which counter?}", "{id: Loket berapa?}"))),
    ("field title of many words", asking(("en: Which counter?", "en: Please say at which of the counters it was"))),
    ("field of many digits", asking(("max_length: 3", "max_length: 16"))),
    ("field of digits in quotes", asking(("max_length: 3", 'max_length: "3"'))),
    ("field of few digits", asking(("        max_length: 3", "        min_length: 4\n        max_length: 3"))),
    ("field with one answer", asking(("          staff: {title: {id: Petugas, en: Officer}}\n", ""))),
    (
        "field with seven answers",
        asking(
            (
                "          staff:",
                "".join(f"          c{i}: {{title: {{id: A, en: A}}}}\n" for i in range(5)) + "          staff:",
            ),
            ("    send: complaint\n", ""),
            ("    then: takes\n    failed: failed\n", "    then: takes\n"),
        ),
    ),
    ("field for a NIK", asking(("{id: Loket berapa?, en: Which counter?}", "{id: NIK Anda?, en: Your NIK?}"))),
    ("field called phone", asking(("      where:\n", "      no-hp:\n"))),
    (
        "field whose line asks for a PIN",
        asking(("        max_length: 3\n", "        max_length: 3\n        text: {id: Ketik PIN Anda, en: As ever}\n")),
    ),
    ("form that sends nowhere", asking(("    then: takes\n    failed: failed\n", "    then: takes\n"))),
    ("form with words for sending", asking(("    send: complaint\n", "    note: {id: A, en: A}\n"))),
    ("form that sends something else", asking(("send: complaint", "send: complain"))),
    ("form without a topic", asking(("      topic:\n", "      topik:\n"))),
    (
        "form whose topic is a number",
        asking(
            ("      topic:\n", "      subject:\n"),
            ("      where:\n", "      topic:\n"),
        ),
    ),
    ("form with a topic of its own", asking(("          machine:", "          machin:"))),
    ("form field unknown", asking(("field: person.nik", "field: form.asks.wher"))),
    (
        "form value that is never given",
        asking(("{field: document.can_print, is: true}", "{field: form.asks.topic, is: stff}")),
    ),
    (
        "form test that does not fit",
        asking(("{field: document.can_print, is: true}", "{field: form.asks.where, at_least: 2}")),
    ),
    (
        "form read before it is asked",
        asking(("    what: documents\n", "    what: documents\n    when: {field: form.asks.topic, is: staff}\n")),
    ),
    (
        "ticket read before it is taken",
        asking(("    queue: layanan\n", "    queue: layanan\n    when: {field: ticket.label, exists: true}\n")),
    ),
    ("ticket slip without a ticket", [(PRINTS, SLIPS + "ticket\n")]),
    ("complaint slip without a complaint", [(PRINTS, SLIPS + "complaint\n")]),
    (
        "back over a ticket",
        asking(("    then: choose\n    timeout: stopped\n", "    then: choose\n    timeout: asks\n")),
    ),
    ("back over a complaint", asking(("    timeout: stopped\n  review", "    timeout: asks\n  review"))),
    (
        "a number that is not seen",
        asking(("    then: choose\n    timeout: stopped\n", "    then: choose\n    timeout: end\n")),
    ),
    (
        "a number that is never seen",
        asking(
            (
                "    name: {id: Layanan, en: Service}\n    then: review",
                "    name: {id: Layanan, en: Service}\n    then: end",
            )
        ),
    ),
    ("target", [("then: done", "then: dnoe")]),
    ("target in choice", [("        then: print", "        then: prin")]),
    (
        "target otherwise",
        [("    what: person\n", "    what: person\n    when: {field: proof, is: card}\n    otherwise: lookup\n")],
    ),
    ("target nowhere", [("then: done", "then: xyzzy")]),
    ("id", [("id: contoh", "id: contoh-lain")]),
    (
        "end as step",
        [("  stopped:\n", "  end:\n    kind: finish\n    ending: cancelled\n    title: {id: A, en: A}\n  stopped:\n")],
    ),
    ("text missing", [("title: {id: Gagal, en: Failed}", "title: {id: Gagal}")]),
    ("text blank", [("title: {id: Gagal, en: Failed}", 'title: {id: Gagal, en: "  "}')]),
    (
        "title words",
        [("title: {id: Gagal, en: Failed}", "title: {id: Gagal, en: one two three four five six seven eight nine}")],
    ),
    ("dot unknown", [("    kind: fetch\n    dot: one", "    kind: fetch\n    dot: onne")]),
    (
        "dot unused",
        [
            (
                "  - {id: one, text: {id: Satu, en: One}}",
                "  - {id: one, text: {id: Satu, en: One}}\n  - {id: two, text: {id: Dua, en: Two}}",
            )
        ],
    ),
    (
        "dot twice",
        [
            (
                "  - {id: one, text: {id: Satu, en: One}}",
                "  - {id: one, text: {id: Satu, en: One}}\n  - {id: one, text: {id: Dua, en: Two}}",
            )
        ],
    ),
    ("dot missing", [("    kind: fetch\n    dot: one\n", "    kind: fetch\n")]),
    ("device unnamed", [("devices: [document-printer]", "devices: []")]),
    ("card device unnamed", [("    kind: print\n", "    kind: card\n")]),
    ("reader unnamed", [("proofs: [card, nik]", "proofs: [card]")]),
    ("scanner unnamed", [("proofs: [card, nik]", "proofs: [qr]")]),
    (
        "choices many",
        [
            (
                "      again:\n",
                "".join(f"      c{i}:\n        title: {{id: A, en: A}}\n        then: choose\n" for i in range(5))
                + "      again:\n",
            )
        ],
    ),
    (
        "choices one",
        [
            ("      again:\n        title: {id: Lagi, en: Again}\n        then: choose\n", ""),
            ("        when: {field: document.can_print, is: true}\n", ""),
        ],
    ),
    ("choices twice", [("proofs: [card, nik]", "proofs: [card, card]")]),
    ("condition none", [("{field: document.can_print, is: true}", "{field: document.can_print}")]),
    (
        "condition two",
        [("{field: document.can_print, is: true}", "{field: document.can_print, is: true, exists: true}")],
    ),
    (
        "condition mixed",
        [("{field: document.can_print, is: true}", "{field: document.can_print, all: [{field: proof, is: card}]}")],
    ),
    (
        "condition in group",
        [("{field: document.can_print, is: true}", "{any: [{field: proof, is: card}, {not: {field: proof}}]}")],
    ),
    ("condition test", [("{field: document.can_print, is: true}", "{field: document.can_print, at_least: 1}")]),
    ("condition before on code", [("{field: document.can_print, is: true}", "{field: proof, before: 2020-01-01}")]),
    ("condition str", [("{field: document.can_print, is: true}", "{field: person.marital_status, is: 2}")]),
    ("condition str in", [("{field: document.can_print, is: true}", '{field: person.marital_status, in: ["1", 2]}')]),
    ("condition int", [("{field: document.can_print, is: true}", "{field: document.pages, is: one}")]),
    ("condition bool", [("{field: document.can_print, is: true}", "{field: document.can_print, is: yes}")]),
    ("condition never", [("{field: document.can_print, is: true}", "{field: proof, is: crad}")]),
    ("condition choice never", [("{field: document.can_print, is: true}", "{field: choice.ask, is: agin}")]),
    ("condition value is a list", [("{field: document.can_print, is: true}", "{field: proof, is: [card]}")]),
    ("otherwise alone", [("    what: person\n", "    what: person\n    otherwise: look-up\n")]),
    (
        "finish when",
        [("    ending: done\n", "    ending: done\n    when: {field: proof, is: card}\n    otherwise: failed\n")],
    ),
    ("field unknown", [("field: person.nik", "field: person.nikk")]),
    ("field unknown in when", [("field: document.can_print", "field: document.canprint")]),
    ("field list in row", [("field: person.nik", "field: family.members")]),
    ("unmasked", [(", mask: true", "")]),
    (
        "unmasked member",
        [
            (
                "        rows:\n          - {field: person.nik, text: {id: NIK, en: NIK}, mask: true}",
                "        each: family.members\n        label: member.relation\n        value: member.nik",
            ),
            ("what: documents", "what: family"),
            ("    then: choose", "    then: done"),
        ],
    ),
    (
        "each unknown",
        [
            (
                "        rows:\n          - {field: person.nik, text: {id: NIK, en: NIK}, mask: true}",
                "        each: family.member\n        label: member.relation\n        value: member.name",
            )
        ],
    ),
    (
        "each without label",
        [
            (
                "        rows:\n          - {field: person.nik, text: {id: NIK, en: NIK}, mask: true}",
                "        each: family.members\n        value: member.name",
            )
        ],
    ),
    ("rows and each", [("        rows:\n", "        each: family.members\n        rows:\n")]),
    ("neither", [("        rows:\n          - {field: person.nik, text: {id: NIK, en: NIK}, mask: true}\n", "")]),
    ("unset", [("what: person", "what: family")]),
    ("unset by one way", [("    then: person\n", "    then: person\n    locked: review\n")]),
    (
        "unset document",
        [
            (
                "    then: choose\n    timeout: stopped\n    cancel: stopped\n  choose",
                "    then: print\n    timeout: stopped\n    cancel: stopped\n  choose",
            )
        ],
    ),
    ("unset proof", [("    timeout: stopped\n    cancel: end", "    timeout: person\n    cancel: end")]),
    ("unreachable", [("    then: ask\n", "    then: print\n")]),
    (
        "dead end",
        [
            (
                "    then: choose\n    timeout: stopped\n    cancel: stopped\n  choose:\n",
                "    then: r2\n    timeout: r2\n    cancel: r2\n  r2:\n    kind: notice\n    dot: one\n    title: {id: A, en: A}\n    then: review\n    timeout: review\n    cancel: review\n  choose:\n",  # noqa: E501
            )
        ],
    ),
    (
        "loop",
        [
            (
                "    what: documents\n    then: review\n    failed: failed",
                "    what: documents\n    then: review\n    failed: person",
            )
        ],
    ),
    (
        "loop of auto",
        [
            (
                "    documents: [kk]\n    then: ask\n    none: stopped",
                "    documents: [kk]\n    then: ask\n    none: look-up",
            ),
            ("    what: documents\n    then: review", "    what: documents\n    then: choose"),
        ],
    ),
    ("loop in time", [("    then: choose\n    timeout: stopped", "    then: choose\n    timeout: review")]),
    ("back over unknown", [("    unknown: unclear", "    unknown: choose")]),
    (
        "back after",
        [
            ("    then: done", "    then: ok"),
            (
                "  done:\n",
                "  ok:\n    kind: notice\n    dot: one\n    title: {id: A, en: A}\n    then: done\n    timeout: done\n    cancel: choose\n  done:\n",  # noqa: E501
            ),
        ],
    ),
]

"""Whom the demo offers to tap: one person for every story a visit can tell."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kiosk.api import DocumentKind
from kiosk.office.records import Household, Resident

_ALL = (DocumentKind.KK, DocumentKind.BIRTH, DocumentKind.MARRIAGE, DocumentKind.KTP_EL)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """``uid`` is the card they carry: empty for none, and of no account where ``slug`` is unknown-card."""

    slug: str
    note: str
    resident: Resident
    household: Household
    uid: str
    wants: tuple[DocumentKind, ...]
    is_closed: bool = False


def choose(households: list[Household], cards: dict[str, str], new_uid: Callable[[], str]) -> list[DemoPerson]:
    """Pick the people, the one who has everything first; ``cards`` is changed to what each story needs.

    A small population lacks some of the stories; they are left out.
    """
    taken: set[str] = set()
    chosen: list[DemoPerson] = []

    def add(
        slug: str,
        note: str,
        candidates: Iterable[Household],
        wants: tuple[DocumentKind, ...],
        *,
        card: str = "bound",
        is_closed: bool = False,
        who: Callable[[Household], Resident] = lambda household: household.head,
    ) -> None:
        household = next((h for h in candidates if h.no_kk not in taken), None)
        if household is None:
            return
        taken.add(household.no_kk)
        resident = who(household)
        uid = cards.pop(resident.nik, "") or new_uid()
        if card == "bound":
            cards[resident.nik] = uid
        chosen.append(DemoPerson(slug, note, resident, household, uid if card != "none" else "", wants, is_closed))

    complete = [h for h in households if 3 <= len(h.members) <= 6 and _has(h, *_ALL[1:3]) and _is_pair(h)]
    pairs = [h for h in households if _is_pair(h)]
    add("everything", "has a family card, certificates and an identity card ready", complete or pairs, _ALL)
    add("family-of-ten", "the family fills one sheet", (h for h in households if len(h.members) == 10), _ALL[:1])
    add("family-of-twelve", "the family card has two sheets", (h for h in households if len(h.members) > 10), _ALL[:1])
    add("spouse", "the wife: sees the same family card", pairs, (DocumentKind.KK,), who=lambda h: h.keepers[1])
    add(
        "widowed",
        "has a death certificate ready",
        (h for h in households if _has(h, DocumentKind.DEATH)),
        (DocumentKind.KK, DocumentKind.DEATH),
    )
    add(
        "divorced",
        "has a divorce certificate ready",
        (h for h in households if _has(h, DocumentKind.DIVORCE)),
        (DocumentKind.DIVORCE, DocumentKind.KTP_EL),
    )
    longest = sorted(households, key=lambda h: -len(h.head.name))
    add("long-name", "the longest name", longest, (DocumentKind.KK, DocumentKind.KTP_EL))
    alone = [h for h in households if len(h.members) == 1]
    add("locked", "the office has closed this account", pairs, (DocumentKind.KK,), is_closed=True)
    add("unknown-card", "carries a card that the office does not know: NIK and PIN work", pairs, _ALL[:1], card="own")
    add("nik-only", "carries no card", pairs, (DocumentKind.KK,), card="none")
    add("no-documents", "nothing is ready", alone or pairs, ())
    return chosen


def _has(household: Household, *kinds: DocumentKind) -> bool:
    return {kind for event in household.events for kind in [event.kind]} >= set(kinds)


def _is_pair(household: Household) -> bool:
    return len(household.keepers) == 2

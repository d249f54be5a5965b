"""The technician's two pages of numbers: how far a printer is off, and which blank cards lie in the feeder."""

from kiosk import protocol as p
from kiosk.core.frame import page
from kiosk.core.situation import Situation, StaffView
from kiosk.core.staff_align import AlignView
from kiosk.core.staff_blanks import BlanksView
from kiosk.devices.contract import DeviceKind, ShiftMeans

ALIGNED = {DeviceKind.DOCUMENT_PRINTER: "staff:align:a4", DeviceKind.CARD_PRINTER: "staff:align:card"}
"""Kind of printer to the act that opens its page of numbers."""


def align(situation: Situation, view: StaffView, numbers: AlignView) -> p.Page:
    """What a ruler says at the two arrows of the test page, and the shift that follows."""
    t = situation.texts
    can_move = numbers.means is not ShiftMeans.NONE

    def step(letter: str, sign: str, name: str) -> p.Action:
        label = "−" if sign == "-" else "+"
        return p.Action(
            f"align:{letter}{sign}", label, is_enabled=can_move, accessible=t(f"align.{name}", letter=letter.upper())
        )

    rows = [
        p.StepperRow(
            t(f"align.{letter}"),
            f"{read:.1f} mm",
            [step(letter, "-", "less"), step(letter, "+", "more")],
            t("align.should", mm=f"{numbers.nominal:.1f}"),
        )
        for letter, read in zip("ab", numbers.read, strict=True)
    ]
    facts = [
        p.Fact(t("align.now"), _shift(numbers.shift)),
        p.Fact(t("align.then"), _shift(numbers.result)),
        p.Fact(t("align.how"), t(f"shift.{numbers.means}")),
    ]
    if not can_move:
        facts.append(p.Fact(t("shift.none-do"), "", "caution", p.Tone.CAUTION))
    test = "page" if numbers.device is DeviceKind.DOCUMENT_PRINTER else "card-page"
    status = situation.devices.get(numbers.device)
    can_print = status is not None and status.is_usable and not view.running
    notice, is_good = (numbers.notice, numbers.is_notice_good) if numbers.notice else (view.result, view.is_result_good)
    return page(
        situation,
        f"align-{numbers.printer}",
        t("align.title"),
        p.StepperBody(
            rows,
            facts,
            [p.Action(f"test:{test}", t(f"staff.test-{test}"), "print", is_enabled=can_print)],
            notice,
            p.Tone.GOOD if is_good else p.Tone.STOP,
        ),
        lead=t("align.lead", device=t(f"device.{numbers.device}")),
        back=p.Action("staff:back", t("button.back"), "back"),
        main=p.Action("align:save", t("align.save"), "check", is_enabled=numbers.can_save),
        direction=p.Direction.NONE,
    )


def blanks(situation: Situation, view: BlanksView) -> p.Page:
    """What lies in the feeder by the books, and the lot that is being loaded."""
    t, stock = situation.texts, view.stock
    rows = [p.StepperRow(t("blanks.next"), stock.next or t("blanks.nothing"), [], t("blanks.left", count=stock.left))]
    if view.first:
        steps = [p.Action(f"blanks:{step}", step.replace("-", "−")) for step in ("-10", "-1", "+1", "+10", "+100")]
        rows.append(p.StepperRow(t("blanks.from", serial=view.first), str(view.count), steps, t("blanks.count")))
    facts = [p.Fact(t(f"blanks.{name}"), str(getattr(stock, name))) for name in ("used", "damaged", "unknown")]
    facts += [p.Fact(t("blanks.lot"), f"{lot.first} – {lot.last} ({lot.count})") for lot in stock.lots[:4]]
    acts = [p.Action("blanks:skip", t("blanks.skip"), "next", is_enabled=stock.left > 0)]
    if stock.is_unchecked:
        acts.insert(0, p.Action("blanks:confirm", t("blanks.confirm"), "check", is_enabled=stock.left > 0))
    if view.first:
        acts.append(p.Action("blanks:set", t("blanks.set"), "retry"))
    notice, is_good = view.notice, view.is_notice_good
    if not notice and stock.is_unchecked:
        notice, is_good = t("blanks.unchecked"), False
    return page(
        situation,
        "blanks",
        t("blanks.title"),
        p.StepperBody(rows, facts, acts, notice, p.Tone.GOOD if is_good else p.Tone.STOP),
        lead=t("blanks.lead"),
        back=p.Action("staff:back", t("button.back"), "back"),
        main=p.Action("blanks:load", t("blanks.load"), "check", is_enabled=bool(view.first)),
        direction=p.Direction.NONE,
    )


def _shift(shift: tuple[float, float]) -> str:
    # As ``documents.test_page.shift_words``, whose module is too heavy for a page.
    return f"x {shift[0]:+.1f} mm, y {shift[1]:+.1f} mm"

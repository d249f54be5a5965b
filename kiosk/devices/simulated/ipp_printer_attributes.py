"""What the simulated printer says of itself: the attributes that RFC 8011 requires and IPP Everywhere adds."""

import time
import uuid
from collections.abc import Sequence

from kiosk.devices.contract import DeviceKind
from kiosk.devices.printing.media import media_size_mm
from kiosk.devices.simulated.ipp_wire import (
    BEGIN,
    BOOLEAN,
    CHARSET,
    DATE,
    ENUM,
    INTEGER,
    LANGUAGE,
    MIME,
    NAME,
    NO_VALUE,
    OCTETS,
    RANGE,
    RESOLUTION,
    TEXT,
    UNKNOWN,
    URI,
    Tagged,
    keywords,
)
from kiosk.devices.simulated.printer_double import (
    CARD_FEEDER,
    CARD_RIBBON,
    MAX_COPIES,
    REJECT_TRAY,
    JobPhase,
    PrinterDouble,
)

MORE_SIZES = ("na_letter_8.5x11in", "om_folio_210x330mm")
"""Besides its own medium, the A4 printer knows these."""


def ipp_date(at: float) -> bytes:
    """An RFC 2579 DateAndTime of a Unix time, in UTC."""
    t = time.gmtime(at)
    return t.tm_year.to_bytes(2, "big") + bytes((t.tm_mon, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, 0)) + b"+\0\0"


def _hundredths(media: str) -> tuple[int, int]:
    size = media_size_mm(media) or (210.0, 297.0)
    return round(size[0] * 100), round(size[1] * 100)


def _size(media: str) -> dict[str, Tagged]:
    width, height = _hundredths(media)
    return {"x-dimension": Tagged(INTEGER, width), "y-dimension": Tagged(INTEGER, height)}


def _media_col(media: str, tray: str = "main") -> dict[str, Tagged]:
    margins = {f"media-{side}-margin": Tagged(INTEGER, 0) for side in ("bottom", "left", "right", "top")}
    return {
        "media-size": Tagged(BEGIN, _size(media)),
        "media-size-name": keywords(media),
        **margins,
        "media-source": keywords(tray),
        "media-type": keywords("stationery"),
    }


def _pages_per_minute(double: PrinterDouble) -> int:
    return round(60 / double.sheet_s) if double.sheet_s > 0 else 600


def _tray(double: PrinterDouble) -> str:
    width, height = _hundredths(double.media_loaded)
    most = CARD_FEEDER if double.kind is DeviceKind.CARD_PRINTER else 250
    full = double.cards_left if double.kind is DeviceKind.CARD_PRINTER else 250
    level = 0 if any(word.startswith("media-empty") for word in double.reasons()) else full
    return (
        f"type=sheetFeedAutoRemovableTray;mediafeed={height * 10};mediaxfeed={width * 10};maxcapacity={most};"
        f"level={level};status=0;name=main;"
    )


def _bins(double: PrinterDouble) -> list[str]:
    """printer-output-tray: the outlet, and the reject tray of a card printer."""
    words = [word for word in double.reasons() if word.startswith("output-area-full")]
    is_full = bool(words) and not double.is_reject_full()
    bins = [f"type=unRemovableBin;maxcapacity=100;remaining={0 if is_full else 100};status=0;name=face-down;"]
    if double.kind is DeviceKind.CARD_PRINTER:
        left = 0 if double.is_reject_full() else REJECT_TRAY - double.rejects
        bins.append(f"type=unRemovableBin;maxcapacity={REJECT_TRAY};remaining={left};status=0;name=reject;")
    return bins


def _supply(double: PrinterDouble) -> str:
    words = " ".join(double.reasons())
    if double.kind is DeviceKind.CARD_PRINTER:
        left = min(double.ribbon_left, 5) if "almost-empty" in words else double.ribbon_left
        left = 0 if "ribbon-empty" in words else left
        return (
            f"index=1;class=supplyThatIsConsumed;type=inkRibbon;unit=sheets;maxcapacity={CARD_RIBBON};"
            f"level={left};colorantname=multi-color;"
        )
    level = 0 if "supply-empty" in words or "toner-empty" in words else 5 if "low" in words else 80
    return (
        f"index=1;class=supplyThatIsConsumed;type=toner;unit=percent;maxcapacity=100;level={level};colorantname=black;"
    )


def printer_attributes(double: PrinterDouble, uri: str, operations: Sequence[int]) -> dict[str, Tagged]:
    """Get-Printer-Attributes, whole."""
    is_cards = double.kind is DeviceKind.CARD_PRINTER
    both = ("two-sided-long-edge",) if is_cards and double.has_flipper else ()
    sizes = (double.media,) if is_cards else (double.media, *(m for m in MORE_SIZES if m != double.media))
    up_s = max(1, int(double.clock() - double.born_s))
    state = 5 if double.is_stopped() else 4 if double.running() else 3
    job_template = ["copies", "media", "media-col", "orientation-requested", "output-bin", "print-color-mode"]
    job_template += ["print-quality", "print-scaling", "printer-resolution", "sides", "print-content-optimize"]
    name = "Simulated card printer" if is_cards else "Simulated document printer"
    attributes = {
        "attributes-charset": Tagged(CHARSET, "utf-8"),
        "attributes-natural-language": Tagged(LANGUAGE, "en"),
        "charset-configured": Tagged(CHARSET, "utf-8"),
        "charset-supported": Tagged(CHARSET, "utf-8"),
        "color-supported": Tagged(BOOLEAN, True),
        "compression-supported": keywords("none"),
        "copies-default": Tagged(INTEGER, 1),
        "copies-supported": Tagged(RANGE, (1, MAX_COPIES)),
        "document-format-default": Tagged(MIME, double.formats[0]),
        "document-format-supported": Tagged(MIME, *double.formats),
        "finishings-default": Tagged(ENUM, 3),
        "finishings-supported": Tagged(ENUM, 3),
        "generated-natural-language-supported": Tagged(LANGUAGE, "en"),
        "identify-actions-default": keywords("display"),
        "identify-actions-supported": keywords("display"),
        "ipp-versions-supported": keywords("1.1", "2.0"),
        "ipp-features-supported": keywords("ipp-everywhere" if double.counts_jobs else "none"),
        "job-creation-attributes-supported": keywords(*job_template, "ipp-attribute-fidelity", "job-name"),
        "job-ids-supported": Tagged(BOOLEAN, True),
        "job-impressions-supported": Tagged(RANGE, (0, 10_000)),
        "media-bottom-margin-supported": Tagged(INTEGER, 0),
        "media-left-margin-supported": Tagged(INTEGER, 0),
        "media-right-margin-supported": Tagged(INTEGER, 0),
        "media-top-margin-supported": Tagged(INTEGER, 0),
        "media-col-default": Tagged(BEGIN, _media_col(double.media)),
        "media-col-database": Tagged(BEGIN, *(_media_col(media) for media in sizes)),
        "media-col-ready": Tagged(BEGIN, *(_media_col(double.media_loaded, tray) for tray in double.trays)),
        "media-col-supported": keywords(*_media_col(double.media)),
        "media-default": keywords(double.media),
        "media-ready": keywords(double.media_loaded),
        "media-size-supported": Tagged(BEGIN, *(_size(media) for media in sizes)),
        "media-source-supported": keywords(*double.trays),
        "media-supported": keywords(*sizes),
        "media-type-supported": keywords("stationery"),
        "multiple-document-jobs-supported": Tagged(BOOLEAN, False),
        "multiple-operation-time-out": Tagged(INTEGER, 60),
        "multiple-operation-time-out-action": keywords("abort-job"),
        "natural-language-configured": Tagged(LANGUAGE, "en"),
        "operations-supported": Tagged(ENUM, *operations),
        "orientation-requested-default": Tagged(ENUM, 3),
        "orientation-requested-supported": Tagged(ENUM, 3, 4),
        "output-bin-default": keywords("face-down"),
        "output-bin-supported": keywords(*(("face-down", "reject") if is_cards else ("face-down",))),
        "overrides-supported": keywords("document-number", "pages"),
        "page-ranges-supported": Tagged(BOOLEAN, True),
        "pages-per-minute": Tagged(INTEGER, _pages_per_minute(double)),
        "pages-per-minute-color": Tagged(INTEGER, _pages_per_minute(double)),
        "preferred-attributes-supported": Tagged(BOOLEAN, False),
        "print-rendering-intent-default": keywords("auto"),
        "print-rendering-intent-supported": keywords("auto"),
        "printer-config-change-date-time": Tagged(DATE, ipp_date(time.time() - (double.clock() - double.born_s))),
        "printer-config-change-time": Tagged(INTEGER, 1),
        "printer-input-tray": Tagged(OCTETS, _tray(double)),
        "printer-state-change-date-time": Tagged(DATE, ipp_date(time.time())),
        "printer-supply": Tagged(OCTETS, _supply(double)),
        "printer-supply-description": Tagged(TEXT, "YMCKO ribbon" if is_cards else "Toner"),
        "printer-output-tray": Tagged(OCTETS, *_bins(double)),
        "pdl-override-supported": keywords("attempted"),
        "print-color-mode-default": keywords("color"),
        "print-color-mode-supported": keywords("auto", "color", "monochrome"),
        "print-content-optimize-default": keywords("auto"),
        "print-content-optimize-supported": keywords("auto"),
        "print-quality-default": Tagged(ENUM, 4),
        "print-quality-supported": Tagged(ENUM, 4),
        "print-scaling-default": keywords("auto"),
        "print-scaling-supported": keywords("auto", "none", "fit", "fill"),
        "printer-current-time": Tagged(DATE, ipp_date(time.time())),
        "printer-device-id": Tagged(TEXT, f"MFG:Anjungan;MDL:{name};CMD:PDF,PWGRaster;"),
        "printer-geo-location": Tagged(UNKNOWN, ""),
        "printer-get-attributes-supported": keywords("document-format"),
        "printer-icons": Tagged(URI, uri.replace("ipp://", "http://") + "/icon.png"),
        "printer-info": Tagged(TEXT, name),
        "printer-is-accepting-jobs": Tagged(BOOLEAN, True),
        "printer-location": Tagged(TEXT, ""),
        "printer-make-and-model": Tagged(TEXT, f"Anjungan {name}"),
        "printer-more-info": Tagged(URI, uri.replace("ipp://", "http://")),
        "printer-name": Tagged(NAME, name.replace(" ", "_")),
        "printer-organization": Tagged(TEXT, ""),
        "printer-organizational-unit": Tagged(TEXT, ""),
        "printer-resolution-default": Tagged(RESOLUTION, (300, 300)),
        "printer-resolution-supported": Tagged(RESOLUTION, (300, 300)),
        "printer-state": Tagged(ENUM, state),
        "printer-state-change-time": Tagged(INTEGER, up_s),
        "printer-state-message": Tagged(TEXT, ""),
        "printer-state-reasons": keywords(*double.reasons()),
        "printer-supply-info-uri": Tagged(URI, uri.replace("ipp://", "http://") + "/supplies"),
        "printer-up-time": Tagged(INTEGER, up_s),
        "printer-uri-supported": Tagged(URI, uri),
        "printer-uuid": Tagged(URI, f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, uri)}"),
        "pwg-raster-document-resolution-supported": Tagged(RESOLUTION, double.raster_dpi),
        "pwg-raster-document-sheet-back": keywords(double.sheet_back),
        "pwg-raster-document-type-supported": keywords(*double.raster_kinds),
        "queued-job-count": Tagged(INTEGER, sum(not job.is_over for job in list(double.jobs.values()))),
        "sides-default": keywords("one-sided"),
        "sides-supported": keywords(*("one-sided", *both)),
        "uri-authentication-supported": keywords("none"),
        "uri-security-supported": keywords("none"),
        "which-jobs-supported": keywords("completed", "not-completed"),
    }
    if double.shift_range is not None:
        for axis in "xy":
            attributes[f"{axis}-image-shift-default"] = Tagged(INTEGER, 0)
            attributes[f"{axis}-image-shift-supported"] = Tagged(RANGE, double.shift_range)
    if double.has_impressions:
        attributes["printer-impressions-completed"] = Tagged(INTEGER, double.counter)
    return attributes


def job_attributes(double: PrinterDouble, job_id: int, uri: str) -> dict[str, Tagged]:
    """Get-Job-Attributes of a job that the printer knows. Raises KeyError when it has forgotten it."""
    job = double.jobs[job_id]

    def at(moment: float | None) -> Tagged:
        return Tagged(NO_VALUE, "") if moment is None else Tagged(INTEGER, max(1, int(moment - double.born_s)))

    def date(moment: float | None) -> Tagged:
        if moment is None:
            return Tagged(NO_VALUE, "")
        return Tagged(DATE, ipp_date(time.time() - (double.clock() - moment)))

    attributes = {
        "attributes-charset": Tagged(CHARSET, "utf-8"),
        "attributes-natural-language": Tagged(LANGUAGE, "en"),
        "date-time-at-completed": date(job.ended_s),
        "date-time-at-creation": date(job.created_s),
        "date-time-at-processing": date(job.started_s),
        "job-id": Tagged(INTEGER, job.id),
        "job-uri": Tagged(URI, f"{uri}/{job.id}"),
        "job-uuid": Tagged(URI, f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{uri}/{job.id}/{job.created_s}')}"),
        "job-name": Tagged(NAME, job.name),
        "job-originating-user-name": Tagged(NAME, job.user),
        "job-printer-uri": Tagged(URI, uri),
        "job-printer-up-time": Tagged(INTEGER, max(1, int(double.clock() - double.born_s))),
        "job-state": Tagged(ENUM, int(job.phase)),
        "job-state-message": Tagged(TEXT, ""),
        "job-state-reasons": keywords(job.reason),
        "time-at-completed": at(job.ended_s),
        "time-at-creation": at(job.created_s),
        "time-at-processing": at(job.started_s),
    }
    if double.has_impressions and double.counts_jobs:
        attributes["job-impressions"] = Tagged(INTEGER, job.sheets)
        attributes["job-impressions-completed"] = Tagged(INTEGER, job.done)
    if job.phase is JobPhase.HELD:
        attributes["job-state-reasons"] = keywords("job-incoming")
    return attributes

"""Behind the long press."""

from kiosk import protocol as p
from tests.gallery.frame import Texts, back, page


def staff_pages(t: Texts, look: p.Look) -> list[p.Page]:
    """Behind the long press."""
    return [
        page(
            "staff-code",
            t("Kode petugas", "Staff code"),
            p.PinBody(
                length=8,
                delete_label=t("Hapus", "Delete"),
                clear_label=t("Ulangi", "Start over"),
                field="staff-code",
            ),
            t,
            look,
            lead=t("Hanya untuk petugas.", "For staff only."),
            back=back(t),
            main=p.Action(id="submit", label=t("Buka", "Open"), icon="next"),
        ),
        page(
            "technician",
            t("Keadaan alat", "State of the machine"),
            p.TechnicianBody(
                devices_title=t("Alat", "Devices"),
                issues_title=t("Perlu ditangani", "Needs attention"),
                facts_title=t("Perangkat lunak", "Software"),
                devices=[
                    p.DeviceRow(
                        name=t("Pembaca kartu", "Card reader"),
                        tone=p.Tone.GOOD,
                        state=t("Siap", "Ready"),
                        reason="",
                        since=t("sejak 08.01", "since 08:01"),
                        tests=[p.Action(id="test:card-reader", label=t("Baca kartu", "Read a card"))],
                    ),
                    p.DeviceRow(
                        name=t("Pencetak dokumen", "Document printer"),
                        tone=p.Tone.CAUTION,
                        state=t("Perhatian", "Warning"),
                        reason=t("Kertas hampir habis: isi baki 1.", "Paper is low: fill tray 1."),
                        since=t("sejak 10.15", "since 10:15"),
                        tests=[p.Action(id="test:document-printer", label=t("Cetak uji A4", "A4 test page"))],
                    ),
                    p.DeviceRow(
                        name=t("Pencetak kartu", "Card printer"),
                        tone=p.Tone.STOP,
                        state=t("Rusak", "Error"),
                        reason=t("Blangko habis: isi wadah kartu.", "No blanks: fill the card hopper."),
                        since=t("sejak 09.40", "since 09:40"),
                    ),
                    p.DeviceRow(
                        name=t("Pencetak struk", "Slip printer"),
                        tone=p.Tone.NEUTRAL,
                        state=t("Tidak diketahui", "Unknown"),
                        reason=t("Tidak menjawab: periksa kabel dan daya.", "No answer: check cable and power."),
                        since=t("sejak 10.38", "since 10:38"),
                        tests=[p.Action(id="test:slip-printer", label=t("Cetak struk uji", "Test slip"))],
                    ),
                    p.DeviceRow(
                        name=t("Pemindai", "Scanner"),
                        tone=p.Tone.GOOD,
                        state=t("Siap", "Ready"),
                        reason="",
                        since=t("sejak 08.01", "since 08:01"),
                    ),
                ],
                issues=[
                    p.Fact(
                        label="KX-305",
                        value=t(
                            "Blangko KTP-el habis, layanan cetak KTP ditutup.",
                            "Card blanks ran out, card printing is closed.",
                        ),
                        tone=p.Tone.STOP,
                    ),
                ],
                facts=[
                    p.Fact(label=t("Semua tanda tangan dokumen sah", "All document signatures are valid"), value=""),
                    p.Fact(label=t("Versi", "Version"), value="0.1.0"),
                    p.Fact(label=t("Paket alur", "Flow bundle"), value="2026-11-20 (12)"),
                ],
                result=t("Kartu terbaca: KTP-el, 0,4 detik.", "Card read: identity card, 0.4 seconds."),
                result_tone=p.Tone.GOOD,
            ),
            t,
            look,
            home=p.Action(id="leave", label=t("Tutup", "Close"), icon="close"),
        ),
    ]

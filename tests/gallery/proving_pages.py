"""Card, PIN, NIK, code, and the wait for the office."""

from kiosk import protocol as p
from tests.gallery.frame import SIDE, Texts, back, page


def proving_pages(t: Texts, look: p.Look) -> list[p.Page]:
    """Card, PIN, NIK, code, and the wait for the office."""
    pin = {"length": 6, "delete_label": t("Hapus", "Delete"), "clear_label": t("Ulangi", "Start over")}
    go_on = p.Action(id="submit", label=t("Lanjut", "Continue"), icon="next")
    return [
        page(
            "tap-card",
            t("Tempelkan KTP-el Anda di sini", "Hold your identity card here"),
            p.SceneBody(
                scene=p.Scene(kind=p.SceneKind.HOLD_CARD, side=SIDE),
                hint=t("Biarkan kartu menempel sampai layar berganti.", "Keep the card there until the page changes."),
            ),
            t,
            look,
            lead=t("Tempat kartu ada di sebelah kanan layar.", "The card reader is to the right of the screen."),
            now=0,
            back=back(t),
            second=p.Action(id="no-card", label=t("Tidak bawa kartu", "I have no card")),
        ),
        page(
            "pin",
            t("Masukkan PIN layanan Anda", "Enter your service PIN"),
            p.PinBody(**pin),
            t,
            look,
            lead=t(
                "Enam angka. Tutupi dengan tangan agar tidak terlihat orang lain.",
                "Six digits. Cover them with your hand so that nobody sees.",
            ),
            now=1,
            back=back(t),
            main=go_on,
        ),
        page(
            "pin-wrong",
            t("PIN belum sesuai, coba lagi", "That PIN did not match, try again"),
            p.PinBody(
                **pin,
                notice=t("Tersisa 2 kesempatan sebelum PIN dikunci 15 menit.", "2 tries left before a 15 minute lock."),
                tone=p.Tone.CAUTION,
            ),
            t,
            look,
            now=1,
            back=back(t),
            second=p.Action(id="forgot", label=t("Lupa PIN", "Forgot PIN")),
            main=go_on,
        ),
        page(
            "nik",
            t("Ketik NIK Anda", "Type your NIK"),
            p.NikBody(
                groups=[6, 6, 4],
                delete_label=t("Hapus", "Delete"),
                clear_label=t("Ulangi", "Start over"),
                show_label=t("Lihat", "Show"),
                hide_label=t("Tutup", "Hide"),
                value="9901014107",
            ),
            t,
            look,
            lead=t("16 angka, tertulis di bagian atas KTP-el.", "16 digits, printed at the top of your identity card."),
            now=0,
            back=back(t),
            main=go_on,
        ),
        page(
            "scan-code",
            t("Arahkan kode QR ke pemindai", "Point the QR code at the scanner"),
            p.SceneBody(
                scene=p.Scene(kind=p.SceneKind.SCAN_CODE, side=SIDE),
                hint=t("Jarak sejengkal, layar ponsel terang.", "A hand's width away, phone screen bright."),
            ),
            t,
            look,
            lead=t("Kode ada di pesan dari Dukcapil.", "The code is in the message from the registry."),
            now=0,
            back=back(t),
        ),
        page(
            "busy",
            t("Data Anda sedang dicari", "Looking up your data"),
            p.BusyBody(
                sentence=t("Menghubungi Dinas Dukcapil", "Asking the civil registry"),
                patience=t("Mohon tunggu, paling lama 20 detik.", "Please wait, 20 seconds at the most."),
            ),
            t,
            look,
            now=2,
        ),
    ]

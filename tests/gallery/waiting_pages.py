"""From the empty hall to the choice of a proof."""

from kiosk import protocol as p
from tests.gallery.frame import SIDE, Texts, back, home, page, services


def waiting_pages(t: Texts, look: p.Look) -> list[p.Page]:
    """From the empty hall to the choice of a service."""
    return [
        page(
            "starting",
            t("Sebentar, anjungan sedang disiapkan", "One moment, the kiosk is getting ready"),
            p.BusyBody(
                sentence=t("Alat sedang diperiksa satu per satu", "Each device is being checked"),
                patience=t("Biasanya kurang dari setengah menit.", "Usually less than half a minute."),
            ),
            t,
            look,
        ),
        page(
            "attract",
            t("Urus dokumen keluarga Anda di sini", "Get your family's documents here"),
            p.AttractBody(
                call=t("Sentuh layar untuk mulai", "Touch the screen to start"),
                tiles=services(t),
                lines=[
                    t("Semua layanan GRATIS", "Every service is FREE"),
                    t("Siapkan KTP-el Anda", "Have your identity card ready"),
                ],
                scene=p.Scene(kind=p.SceneKind.TOUCH, side=SIDE),
            ),
            t,
            look,
        ),
        page(
            "language",
            t("Pilih bahasa Anda", "Choose your language"),
            p.MenuBody(
                tiles=[
                    p.Tile(action="language:id", title="Bahasa Indonesia", text="Lanjutkan dalam bahasa Indonesia"),
                    p.Tile(action="language:en", title="English", text="Continue in English"),
                ]
            ),
            t,
            look,
            home=home(t),
        ),
        page(
            "services",
            t("Apa yang ingin Anda urus hari ini?", "What would you like to do today?"),
            p.MenuBody(
                tiles=services(t),
                note=t(
                    "Butuh layanan lain? Ambil nomor antrean di meja depan.",
                    "Need another service? Take a queue number at the front desk.",
                ),
            ),
            t,
            look,
            lead=t("Semua layanan di anjungan ini gratis.", "Every service at this kiosk is free of charge."),
            home=home(t),
        ),
        page(
            "standard",
            t("Cetak Kartu Keluarga: yang perlu Anda tahu", "Print a family card: what to know"),
            p.StandardBody(
                facts=[
                    p.Fact(
                        label=t("Yang dibawa", "Bring"),
                        value=t("KTP-el dan PIN layanan", "Identity card and service PIN"),
                        icon="list",
                    ),
                    p.Fact(label=t("Waktu", "Time"), value=t("Sekitar 3 menit", "About 3 minutes"), icon="clock"),
                    p.Fact(
                        label=t("Hasil", "You get"),
                        value=t("KK di kertas A4, bertanda tangan elektronik", "A signed family card on A4 paper"),
                        icon="document",
                    ),
                    p.Fact(
                        label=t("Dasar hukum", "Legal basis"),
                        value=t("Permendagri 109/2019", "Minister's rule 109/2019"),
                        icon="law",
                    ),
                    p.Fact(
                        label=t("Pengaduan", "Complaints"),
                        value=t("Loket 1 atau 0800-000-000", "Counter 1 or 0800-000-000"),
                        icon="chat",
                    ),
                ],
                consent=t(
                    "Data Anda dipakai untuk layanan ini saja dan dihapus dari anjungan setelah selesai.",
                    "Your data is used for this service only and erased from the kiosk afterwards.",
                ),
                free=t("GRATIS, tidak ada biaya apa pun", "FREE, there is no charge of any kind"),
            ),
            t,
            look,
            back=back(t),
            main=p.Action(id="agree", label=t("Saya setuju", "I agree"), icon="next"),
        ),
        page(
            "proof",
            t("Bagaimana Anda ingin masuk?", "How would you like to sign in?"),
            p.MenuBody(
                tiles=[
                    p.Tile(
                        action="card",
                        title=t("Tempelkan KTP-el", "Hold my identity card"),
                        text=t("Paling cepat, lalu PIN", "The quickest way, then a PIN"),
                        icon="id-card",
                    ),
                    p.Tile(
                        action="nik",
                        title=t("Ketik NIK", "Type my NIK"),
                        text=t("16 angka di kartu Anda, lalu PIN", "The 16 digits on your card, then a PIN"),
                        icon="keypad",
                    ),
                    p.Tile(
                        action="qr",
                        title=t("Pindai kode QR", "Scan a QR code"),
                        text=t("Dari pesan atau ponsel Anda", "From a message or your phone"),
                        icon="qr",
                        is_enabled=False,
                        reason=t("Pemindai sedang tidak bekerja.", "The scanner is not working right now."),
                    ),
                ]
            ),
            t,
            look,
            back=back(t),
            home=home(t),
            now=0,
        ),
    ]

"""What is wrong, and what a person can do now."""

from kiosk import protocol as p
from tests.gallery.frame import Texts, back, page


def trouble_pages(t: Texts, look: p.Look) -> list[p.Page]:
    """What is wrong, and what a person can do now."""
    officer = p.Scene(kind=p.SceneKind.OFFICER, side=p.Side.LEFT)
    end = p.Action(id="home", label=t("Ke halaman awal", "To the first page"), icon="home")
    return [
        page(
            "offline",
            t("Sambungan ke Dinas terputus", "The connection to the registry is down"),
            p.OutcomeBody(
                tone=p.Tone.CAUTION,
                lines=[
                    t("Data Anda aman, tidak ada yang hilang.", "Your data is safe, nothing is lost."),
                    t(
                        "Silakan coba lagi sebentar, atau minta bantuan di loket 1.",
                        "Please try again shortly, or ask at counter 1.",
                    ),
                ],
                scene=officer,
                code="KX-204",
            ),
            t,
            look,
            network=p.Tone.CAUTION,
            home=end,
            main=p.Action(id="retry", label=t("Coba lagi", "Try again"), icon="retry"),
        ),
        page(
            "device-fault",
            t("Kertas tersangkut di pencetak", "The paper is stuck in the printer"),
            p.OutcomeBody(
                tone=p.Tone.CAUTION,
                lines=[
                    t("Dokumen Anda belum tercetak.", "Your document was not printed."),
                    t(
                        "Hak cetak Anda masih tersimpan. Petugas sudah diberi tahu.",
                        "Your print is still waiting for you. Staff have been told.",
                    ),
                    t("Tunggu petugas, atau datang lagi kapan saja.", "Wait for an officer, or come back any time."),
                ],
                scene=officer,
                code="KX-311",
            ),
            t,
            look,
            main=p.Action(id="finish", label=t("Mengerti", "I understand"), icon="check"),
        ),
        page(
            "out-of-order",
            t("Anjungan ini sedang diperbaiki", "This kiosk is being repaired"),
            p.OutcomeBody(
                tone=p.Tone.STOP,
                lines=[
                    t("Silakan pakai anjungan sebelah atau loket 2.", "Please use the next kiosk or counter 2."),
                    t("Diperkirakan bisa dipakai lagi pukul 13.00.", "We expect it to work again at 1 p.m."),
                ],
                code="KX-900",
            ),
            t,
            look,
            network=p.Tone.STOP,
        ),
        page(
            "locked",
            t("PIN dikunci sementara", "The PIN is locked for now"),
            p.OutcomeBody(
                tone=p.Tone.STOP,
                lines=[
                    t(
                        "PIN salah tiga kali, jadi kami kunci 15 menit.",
                        "Three wrong PINs, so it is locked 15 minutes.",
                    ),
                    t("Ini untuk melindungi data Anda.", "This protects your data."),
                    t("Lupa PIN? Petugas di loket 1 dapat menggantinya.", "Forgot it? Counter 1 can give a new one."),
                ],
                scene=officer,
                code="KX-118",
            ),
            t,
            look,
            main=p.Action(id="finish", label=t("Mengerti", "I understand"), icon="check"),
        ),
        page(
            "still-here",
            t("Anda masih di sini?", "Are you still here?"),
            p.CountdownBody(
                total_ms=30_000,
                sentence=t(
                    "Jika tidak, layar akan ditutup dan data Anda dihapus.",
                    "If not, the page will close and your data will be erased.",
                ),
            ),
            t,
            look,
            remaining_ms=21_000,
            home=p.Action(id="end", label=t("Akhiri", "End now"), icon="close"),
            main=p.Action(id="stay", label=t("Saya masih di sini", "I am still here"), icon="hand"),
        ),
        page(
            "help",
            t("Apa yang bisa kami bantu?", "How can we help?"),
            p.TextBody(
                paragraphs=[
                    t(
                        "Anjungan ini mencetak dokumen yang sudah terbit. Semua layanannya gratis.",
                        "This kiosk prints documents that are already issued. Every service is free.",
                    ),
                    t(
                        "Petugas berseragam hijau siap membantu pukul 08.00 sampai 15.00.",
                        "Officers in green help from 8 a.m. to 3 p.m.",
                    ),
                ],
                scene=p.Scene(kind=p.SceneKind.OFFICER, side=p.Side.LEFT),
                sections=[
                    p.Section(
                        title=t("Belum punya PIN?", "No PIN yet?"),
                        rows=[
                            p.Fact(
                                label=t("Di loket", "At the counter"),
                                value=t("Loket 1, lima menit", "Counter 1, five minutes"),
                            ),
                            p.Fact(label=t("Telepon", "Telephone"), value="0800-000-000"),
                        ],
                    )
                ],
            ),
            t,
            look,
            back=back(t),
        ),
        page(
            "notice",
            t("Pencetak sedang melayani orang lain", "The printer is serving someone else"),
            p.OutcomeBody(
                tone=p.Tone.NEUTRAL,
                lines=[
                    t("Tunggu sebentar, giliran Anda berikutnya.", "One moment, you are next."),
                ],
            ),
            t,
            look,
            home=end,
        ),
    ]

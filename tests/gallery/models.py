"""A realistic model of every page, in both languages. All people are invented; their NIK use region code 99."""

from collections.abc import Callable

from kiosk import protocol as p
from tests.gallery.pictures import PICTURE_NAME, code_rows

SIDE = p.Side.RIGHT

Texts = Callable[[str, str], str]


def say(language: str) -> Texts:
    """Pick between the two texts of a call."""
    return lambda indonesian, english: english if language == "en" else indonesian


def strip(t: Texts, look: p.Look, network: p.Tone = p.Tone.GOOD) -> p.Strip:
    is_good = network is p.Tone.GOOD
    return p.Strip(
        office=t("Dinas Dukcapil Kabupaten Tanjung Sari", "Civil Registry of Tanjung Sari Regency"),
        place=t("Mal Pelayanan Publik, lantai 1", "Public Service Mall, ground floor"),
        clock="10.42" if look.language == "id" else "10:42",
        network=network,
        network_text=t("Tersambung", "Connected") if is_good else t("Tanpa sambungan", "No connection"),
        controls=[
            p.Action(
                id="language",
                label=t("English", "Indonesia"),
                icon="language",
                accessible=t("Change to English", "Ganti ke bahasa Indonesia"),
            ),
            p.Action(
                id="text-size",
                label=t("Huruf besar", "Large text")
                if look.text_size is p.TextSize.DEFAULT
                else t("Huruf biasa", "Normal text"),
                icon="text-size",
            ),
            p.Action(
                id="contrast",
                label=t("Kontras", "Contrast"),
                icon="contrast",
                accessible=t("Warna kontras tinggi", "High-contrast colours"),
            ),
            p.Action(id="sound", label=t("Suara", "Sound"), icon="sound" if look.has_sound else "sound-off"),
            p.Action(id="help", label=t("Bantuan", "Help"), icon="help"),
        ],
    )


def dots(t: Texts, now: int) -> list[p.Dot]:
    labels = [t("Kartu", "Card"), "PIN", t("Periksa", "Check"), t("Cetak", "Print")]
    return [p.Dot(label=label, is_done=place < now, is_now=place == now) for place, label in enumerate(labels)]


def back(t: Texts) -> p.Action:
    return p.Action(id="back", label=t("Kembali", "Back"), icon="back")


def home(t: Texts) -> p.Action:
    return p.Action(id="home", label=t("Selesai", "Finish"), icon="home")


def services(t: Texts) -> list[p.Tile]:
    return [
        p.Tile(
            action="cetak-kk",
            title=t("Cetak Kartu Keluarga", "Print family card"),
            text=t("KK yang sudah terbit", "A family card already issued"),
            icon="family",
            badge=t("3 menit", "3 minutes"),
        ),
        p.Tile(
            action="unduh-akta",
            title=t("Ambil akta", "Get a certificate"),
            text=t("Lahir, kawin, cerai, kematian", "Birth, marriage, divorce, death"),
            icon="certificate",
            badge=t("3 menit", "3 minutes"),
        ),
        p.Tile(
            action="cetak-ktp",
            title=t("Cetak KTP-el", "Print identity card"),
            text=t("Kartu rusak atau data berubah", "Card worn or data changed"),
            icon="id-card",
            is_enabled=False,
            reason=t(
                "Blangko kartu sedang habis. Silakan ke loket 3.", "Blank cards have run out. Please go to counter 3."
            ),
        ),
        p.Tile(
            action="cek-data",
            title=t("Periksa data saya", "Check my data"),
            text=t("Lihat data yang tercatat", "See what is recorded"),
            icon="search",
            badge=t("2 menit", "2 minutes"),
        ),
    ]


def page(
    name: str,
    title: str,
    body: p.Body,
    t: Texts,
    look: p.Look,
    *,
    lead: str = "",
    now: int | None = None,
    back: p.Action | None = None,
    home: p.Action | None = None,
    main: p.Action | None = None,
    second: p.Action | None = None,
    network: p.Tone = p.Tone.GOOD,
    remaining_ms: int | None = None,
) -> p.Page:
    return p.Page(
        serial=1,
        name=name,
        key=name,
        title=title,
        strip=strip(t, look, network),
        look=look,
        body=body,
        lead=lead,
        dots=[] if now is None else dots(t, now),
        back=back,
        home=home,
        main=main,
        second=second,
        direction=p.Direction.NONE,
        remaining_ms=remaining_ms,
    )


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


def paper_pages(t: Texts, look: p.Look) -> list[p.Page]:
    """From the ready documents to the paper in the hand."""
    return [
        page(
            "documents",
            t("Dokumen mana yang ingin dicetak?", "Which document shall we print?"),
            p.DocumentsBody(
                tiles=[
                    p.Tile(
                        action="doc:1",
                        title=t("Kartu Keluarga", "Family card"),
                        text=t("Terbit 14 Oktober 2026, 1 lembar", "Issued 14 October 2026, 1 sheet"),
                        icon="family",
                    ),
                    p.Tile(
                        action="doc:2",
                        title=t("Akta kelahiran Laras", "Birth certificate of Laras"),
                        text=t("Terbit 2 November 2026, 1 lembar", "Issued 2 November 2026, 1 sheet"),
                        icon="birth",
                    ),
                    p.Tile(
                        action="doc:3",
                        title=t("Akta perkawinan", "Marriage certificate"),
                        text="",
                        icon="marriage",
                        is_enabled=False,
                        reason=t("Sudah dicetak pada 3 November 2026.", "Already printed on 3 November 2026."),
                    ),
                ],
            ),
            t,
            look,
            lead=t("Setiap dokumen dapat dicetak satu kali.", "Each document can be printed once."),
            now=2,
            home=home(t),
        ),
        page(
            "review",
            t("Apakah data ini benar?", "Is this data right?"),
            p.ReviewBody(
                sections=[
                    p.Section(
                        title=t("Data diri", "About you"),
                        rows=[
                            p.Fact(label=t("Nama", "Name"), value="Sekar Arum Wibisono"),
                            p.Fact(label="NIK", value="990101 •••••• 0003"),
                            p.Fact(
                                label=t("Lahir", "Born"),
                                value=t("Tanjung Sari, 1 Juli 1987", "Tanjung Sari, 1 July 1987"),
                            ),
                            p.Fact(label=t("Pekerjaan", "Occupation"), value=t("Penjahit", "Tailor")),
                            p.Fact(
                                label=t("Alamat", "Address"), value="Jalan Melati 12, RT 003/RW 005, Desa Sukamaju Baru"
                            ),
                        ],
                    ),
                    p.Section(
                        title=t("Keluarga", "Family"),
                        rows=[
                            p.Fact(label=t("Kepala keluarga", "Head of family"), value="Bayu Wibisono", icon="person"),
                            p.Fact(label=t("Istri", "Wife"), value="Sekar Arum Wibisono", icon="person"),
                            p.Fact(label=t("Anak", "Child"), value="Laras Wibisono", icon="person"),
                            p.Fact(label=t("Anak", "Child"), value="Damar Wibisono", icon="person"),
                        ],
                    ),
                ],
            ),
            t,
            look,
            lead=t("Jika ada yang keliru, petugas dapat membantu.", "If something is wrong, an officer can help."),
            now=2,
            back=back(t),
            second=p.Action(id="wrong", label=t("Ada yang keliru", "Something is wrong")),
            main=p.Action(id="right", label=t("Data benar", "It is right"), icon="check"),
        ),
        page(
            "preview",
            t("Cetak Kartu Keluarga ini?", "Print this family card?"),
            p.PreviewBody(
                picture=PICTURE_NAME,
                page=1,
                pages=2,
                page_text=t("Lembar 1 dari 2", "Sheet 1 of 2"),
                facts=[
                    p.Fact(
                        label=t("Tanda tangan elektronik", "Electronic signature"),
                        value=t("sah", "valid"),
                        tone=p.Tone.GOOD,
                    )
                ],
                previous=p.Action(id="previous", label=t("Sebelumnya", "Previous"), icon="left", is_enabled=False),
                next=p.Action(id="next", label=t("Berikutnya", "Next"), icon="right"),
                picture_accessible=t("Gambar lembar pertama Kartu Keluarga", "Picture of the first sheet"),
            ),
            t,
            look,
            now=3,
            back=back(t),
            main=p.Action(id="print", label=t("Cetak sekarang", "Print now"), icon="print"),
        ),
        page(
            "printing",
            t("Kartu Keluarga sedang dicetak", "Printing your family card"),
            p.PrintingBody(
                done=1,
                total=2,
                sentence=t("Lembar 1 dari 2 sudah keluar", "Sheet 1 of 2 is out"),
                scene=p.Scene(kind=p.SceneKind.PAPER_OUT, side=SIDE),
            ),
            t,
            look,
            lead=t(
                "Kertas keluar di sebelah kanan. Jangan ditarik dulu.",
                "Paper comes out on the right. Please do not pull it yet.",
            ),
            now=3,
        ),
        page(
            "outcome",
            t("Kartu Keluarga Anda sudah jadi", "Your family card is ready"),
            p.OutcomeBody(
                tone=p.Tone.GOOD,
                lines=[
                    t("2 lembar sudah keluar di sebelah kanan.", "2 sheets came out on the right."),
                    t(
                        "Dokumen ini sah tanpa stempel. Simpan di tempat yang kering.",
                        "It is valid without a stamp. Keep it in a dry place.",
                    ),
                ],
                scene=p.Scene(kind=p.SceneKind.PAPER_OUT, side=SIDE),
            ),
            t,
            look,
            now=4,
            second=p.Action(id="another", label=t("Layanan lain", "Another service")),
            main=p.Action(id="finish", label=t("Selesai", "Finish"), icon="check"),
        ),
        page(
            "slip",
            t("Ambil struk Anda", "Take your slip"),
            p.SceneBody(
                scene=p.Scene(kind=p.SceneKind.SLIP_OUT, side=p.Side.BELOW),
                hint=t("Struk keluar di bawah layar.", "The slip comes out below the screen."),
            ),
            t,
            look,
            lead=t("Simpan struk sebagai bukti layanan.", "Keep it as proof of the service."),
            main=p.Action(id="taken", label=t("Sudah saya ambil", "I have it"), icon="check"),
        ),
        page(
            "survey",
            t("Bagaimana pelayanan kami?", "How did we do?"),
            p.SurveyBody(
                choices=[
                    p.Action(id="rate:1", label=t("Kurang", "Poor")),
                    p.Action(id="rate:2", label=t("Cukup", "Fair")),
                    p.Action(id="rate:3", label=t("Baik", "Good")),
                    p.Action(id="rate:4", label=t("Sangat baik", "Very good")),
                ]
            ),
            t,
            look,
            lead=t("Satu sentuhan saja, tanpa nama.", "One touch, no name attached."),
            main=p.Action(id="skip", label=t("Lewati", "Skip")),
        ),
        page(
            "take",
            t("Jangan lupa kartu dan kertas Anda", "Do not forget your card and paper"),
            p.TakeBody(
                scenes=[
                    p.Scene(kind=p.SceneKind.TAKE_CARD, side=SIDE),
                    p.Scene(kind=p.SceneKind.PAPER_OUT, side=SIDE),
                ],
                labels=[t("Ambil KTP-el", "Take your card"), t("Ambil dokumen", "Take your paper")],
                lines=[t("Terima kasih, Ibu Sekar. Sampai jumpa.", "Thank you. See you again.")],
            ),
            t,
            look,
            main=p.Action(id="done", label=t("Sudah semua", "I have both"), icon="check"),
        ),
        page(
            "hand-over",
            t("Simpan akta di ponsel Anda", "Keep the certificate on your phone"),
            p.HandOverBody(
                rows=code_rows(),
                address="https://dukcapil.tanjungsari.example/u/7KQ2M4",
                lines=[
                    t("Buka kamera ponsel, arahkan ke kode ini.", "Open the phone's camera and point it here."),
                    t("Atau ketik alamat ini:", "Or type this address:"),
                ],
                expires_text=t("Berlaku 10 menit, satu kali buka", "Good for 10 minutes, opens once"),
                qr_accessible=t("Kode QR menuju alamat di bawah", "QR code with the address below"),
            ),
            t,
            look,
            main=p.Action(id="finish", label=t("Sudah tersimpan", "I saved it"), icon="check"),
            home=home(t),
        ),
    ]


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


def all_pages(language: str = "id", look: p.Look | None = None) -> list[p.Page]:
    """Every page in one language and look."""
    look = look or p.Look(language=language)
    t = say(language)
    return [
        *waiting_pages(t, look),
        *proving_pages(t, look),
        *paper_pages(t, look),
        *trouble_pages(t, look),
        *staff_pages(t, look),
    ]

"""From the ready documents to the paper in the hand."""

from kiosk import protocol as p
from tests.gallery.frame import SIDE, Texts, back, home, page
from tests.gallery.pictures import PICTURE_NAME, code_rows


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

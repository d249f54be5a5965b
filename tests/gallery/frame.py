"""What every sample page shares: strip, stages, buttons, the tiles of the services."""

from collections.abc import Callable

from kiosk import protocol as p

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

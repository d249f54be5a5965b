"""Invented regions under province code 99, which no province has."""

from dataclasses import dataclass

PROVINCE = "NUSA CONTOH"
REGENCY = "CONTOH RAYA"
REGENCY_CODE = "9901"


@dataclass(frozen=True, slots=True)
class District:
    """A kecamatan: its six-digit code, its villages with their postal codes."""

    code: str
    name: str
    villages: tuple[tuple[str, str], ...]


DISTRICTS = (
    District(
        "990101",
        "TANJUNG LARAS",
        (("LARAS KIDUL", "99111"), ("LARAS LOR", "99112"), ("MUARA TENANG", "99113"), ("PASIR GADING", "99114")),
    ),
    District(
        "990102",
        "BUKIT SEROJA",
        (("SEROJA ATAS", "99121"), ("SEROJA BAWAH", "99122"), ("RIMBA ELOK", "99123"), ("AIR PERMATA", "99124")),
    ),
    District(
        "990103",
        "SUMBER CENDANA",
        (("CENDANA WANGI", "99131"), ("CENDANA INDAH", "99132"), ("KEBUN RATU", "99133")),
    ),
    District(
        "990104",
        "LEMBAH KENANGA",
        (("KENANGA TIMUR", "99141"), ("KENANGA BARAT", "99142"), ("SAWAH LAPANG", "99143"), ("TELAGA BIRU", "99144")),
    ),
    District(
        "990105",
        "PULAU MERANTI KECIL",
        (("MERANTI JAYA", "99151"), ("KARANG LEMBUT", "99152"), ("LABUHAN PANDAN WANGI", "99153")),
    ),
)

BIRTH_PLACES = (
    ("990101", "TANJUNG LARAS"),
    ("990102", "BUKIT SEROJA"),
    ("990103", "SUMBER CENDANA"),
    ("990104", "LEMBAH KENANGA"),
    ("990105", "PULAU MERANTI KECIL"),
    ("990203", "KOTA RAWA PERAK"),
    ("990307", "GUNUNG SELASIH"),
    ("990402", "TELUK AMBARAWI"),
)
"""Where people were born and first registered: a NIK keeps the code of the first registration."""

STREETS = (
    "JL. MELATI", "JL. FLAMBOYAN", "JL. CEMARA", "JL. RAJAWALI", "JL. MERPATI PUTIH", "JL. PASAR LAMA",
    "JL. BALAI DESA", "GG. MAWAR", "GG. TERATAI", "DUSUN KRAJAN", "DUSUN SUKAMULYA", "KP. NELAYAN INDAH",
    "PERUM GRIYA CONTOH ASRI BLOK C", "JL. PANGERAN CONTOH KUSUMA",
)  # fmt: skip
"""Invented."""

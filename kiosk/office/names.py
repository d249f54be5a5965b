"""Pools for invented names: common given names in free combination, so that nobody in particular is meant."""

from random import Random

MALE = (
    "ADI", "AGUS", "ANDI", "ARIF", "BAGUS", "BAMBANG", "BAYU", "BUDI", "DANU", "DEDI", "DIMAS", "DONI", "EKO", "FAJAR",
    "GALIH", "GILANG", "HADI", "HENDRA", "INDRA", "IRWAN", "JOKO", "KRISNA", "LUKMAN", "MADE", "MARTIN", "NANANG",
    "OKTA", "PANJI", "PUTRA", "RAHMAT", "RANGGA", "RIDWAN", "RUDI", "SATRIA", "SLAMET", "TAUFIK", "TEGUH", "TONO",
    "UDIN", "WAHYU", "WAYAN", "WIRA", "YANTO", "YOGA", "YOSEF", "ZAENAL",
)  # fmt: skip
FEMALE = (
    "AISYAH", "AMELIA", "ANISA", "ASTUTI", "AYU", "BUNGA", "CITRA", "DEWI", "DIAN", "DINA", "EKA", "ENDANG", "FITRI",
    "GITA", "HANA", "INDAH", "INTAN", "KARTIKA", "KOMANG", "LASTRI", "LESTARI", "LINDA", "MARIA", "MAYA", "MEGA",
    "NINGSIH", "NUR", "PUSPITA", "PUTRI", "RATNA", "RINI", "RINA", "SARI", "SEKAR", "SINTA", "SITI", "SRI", "SULASTRI",
    "TINA", "TRI", "UTAMI", "WATI", "WULAN", "YANI", "YULI", "YUNITA",
)  # fmt: skip
LAST_MALE = (
    "ANGGORO", "BASKORO", "CAHYONO", "DARMAWAN", "FIRMANSYAH", "GUNADI", "HANDOKO", "HARTANTO", "HIDAYAT", "IRAWAN",
    "KURNIAWAN", "KUSUMO", "LAKSONO", "MAULANA", "NUGROHO", "PAMUNGKAS", "PRASETYO", "PRATAMA", "PURNOMO", "RAHARJO",
    "SANTOSO", "SAPUTRA", "SETIAWAN", "SISWANTO", "SUBAGYO", "SUGIARTO", "SURYADI", "SUSILO", "UTOMO", "WIBISONO",
    "WIJAYA", "WIRAWAN", "YULIANTO", "KALIGIS JAYA", "TANUWIRA", "SIRAITMAN",
)  # fmt: skip
LAST_FEMALE = (
    "ANGGRAENI", "ANDRIANI", "CAHYANINGRUM", "DAMAYANTI", "FATMAWATI", "HANDAYANI", "HAPSARI", "HARTATI", "HIDAYATI",
    "INDRIANI", "KUSUMAWATI", "LARASATI", "MAHARANI", "MARLINA", "MULYANI", "NURAINI", "OKTAVIANI", "PERMATASARI",
    "PRATIWI", "PURNAMASARI", "RAHAYU", "RAHMAWATI", "SAFITRI", "SETYOWATI", "SUHARTINI", "SULISTYOWATI", "SURYANI",
    "SUSANTI", "TRISNAWATI", "WIDYASTUTI", "WULANDARI", "YULIANA", "ZULAIKHA",
)  # fmt: skip

LONGEST = 60
"""Characters with spaces that a name on a document may have."""


def name(random: Random, is_female: bool) -> str:
    """Two words mostly, three sometimes, a very long one now and then; at most 60 characters."""
    first = FEMALE if is_female else MALE
    last = LAST_FEMALE if is_female else LAST_MALE
    chance = random.random()
    if chance < 0.72:
        words = [random.choice(first), random.choice(last)]
    elif chance < 0.985:
        words = [*random.sample(first, 2), random.choice(last)]
    else:
        words = [*random.sample(first, random.choice((2, 4))), *random.sample(last, 3)]
    while len(" ".join(words)) > LONGEST:
        words.pop(1)
    return " ".join(words)

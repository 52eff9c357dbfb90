"""Known words: what of a header's free text may be shown, for anybody can type a name into it."""

from __future__ import annotations

import re

OTHER = "other"
# PS3.3 C.7.3.1.1.1: modalities of a scanner, a film, or of what is derived from either.
MODALITIES = re.compile(
    "C[RT]|DX|IO|M[GR]|NM|OT|P[RTX]|REG|R[FG]|RT(?:DOSE|IMAGE|PLAN|RECORD|STRUCT)|S[CMR]|SEG|US|X[AC]"
)
# Reconstruction kernels as vendors print them.
KERNELS = re.compile(
    "|".join(
        (
            # Siemens: B30f, I70f, Br38f, Hc40, Qr36d; the strength of iterations behind it
            r"(?:[BCDHIJTU]|B[defhlmrsuv]|H[cnprv]|[QT]r|S[abr]|U[rv])\d\d[a-z]?(?: [1-5])?",
            # GE
            r"(?:HD )?(?:STA?ND(?:ARD)?|STD|SOFT|DETAIL|LUNG|BONE(?:PLUS)?|EDGE|CHE?ST)[+#2]?",
            # Philips
            r"[A-FL]|[EUY][A-E]|XC[AB]|IMR[1-3]|ROUTINE|SMOOTH|SHARP|SHARPPLUS|SOFTTISSUE",
            # Canon, Toshiba
            r"F[CL]\d\d",
            # United Imaging
            r"[BH]_(?:SOFT|VSOFT|NORM|SHARP|VSHARP)_[A-D]|LUNG_(?:SOFT|NORM|SHARP|VSHARP)_[A-D]",
        )
    ),
    re.IGNORECASE,
)


def kernel_name(text: str) -> str:
    """Return a reconstruction kernel that a vendor has, `other` for other text, '' for none."""
    return _known(text, KERNELS)


def modality_name(text: str) -> str:
    """Return a modality of the standard, `other` for other text, '' for none."""
    return _known(text, MODALITIES)


def _known(text: str, words: re.Pattern[str]) -> str:
    return text if words.fullmatch(text) else OTHER * bool(text)

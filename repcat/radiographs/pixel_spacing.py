"""Pixel spacing of a radiograph, from its DICOM header: of the patient's plane or the film's."""

from __future__ import annotations

from repcat.data.ct.dicom_pixels import Tag


def pitch_of(tag: Tag) -> tuple[tuple[float, float] | None, bool, tuple[str, ...]]:
    """Return the pitch, whether it is the film's own, and how it was found.

    PixelSpacing that differs from ImagerPixelSpacing was calibrated (PS3.3 10.7.1.3); else the
    pitch is the detector's and is divided by the magnification, where the header tells one; where
    it does not, it is left to whoever knows where the source stood.
    """
    imager, pixel = (_pair(tag(key)) for key in ("0018|1164", "0028|0030"))
    pitch = pixel or imager
    if pitch is None:
        return None, False, ()
    if pixel and imager and pixel != imager:
        return pixel, False, (f"pixel spacing {pixel[0]:.4g} mm, calibrated",)
    words = f"pixel spacing {pitch[0]:.4g} mm at the detector"
    if not (enlarged := _magnification(tag)):
        return pitch, True, (words,)
    words += f", magnification {enlarged:.3g}"
    return (pitch[0] / enlarged, pitch[1] / enlarged), False, (words,)


def _magnification(tag: Tag) -> float | None:
    given = _number(tag("0018|1114"))
    if given and given >= 1:
        return given
    detector, patient = (_number(tag(key)) for key in ("0018|1110", "0018|1111"))
    return detector / patient if detector and patient and detector >= patient else None


def _pair(text: str) -> tuple[float, float] | None:
    """Read two numbers above zero."""
    values = [_number(part) for part in text.split("\\")]
    if len(values) != 2 or not values[0] or not values[1]:
        return None
    return values[0], values[1]


def _number(text: str) -> float | None:
    """Read a number above zero."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 < value < float("inf") else None

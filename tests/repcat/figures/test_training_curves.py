"""Courses of several trainings."""

from repcat.figures.training_curves import courses, draw


def test_each_quantity_is_gathered_over_its_own_steps(tmp_path):
    log = [
        {"step": 1, "seconds": 0.1, "mse": 1.0},
        {"step": 2, "seconds": 0.2, "mse": 0.5},
        {"step": 2, "validation_psnr": 20.0, "memory_gb": 1.0},
    ]
    found = courses(log)
    assert found == {"mse": [(1, 1.0), (2, 0.5)], "validation_psnr": [(2, 20.0)]}
    draw(tmp_path / "c.png", {"one": found, "two": {"mse": [(1, 2.0)]}})
    assert (tmp_path / "c.png").stat().st_size > 1000

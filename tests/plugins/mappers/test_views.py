from repcat import Grid
from repcat_plugins.mappers.views import Views


def test_views_hands_the_images_on(task_of, batch_of) -> None:
    task = task_of([0.0, 30.0, 60.0], pixels=20)
    batch = batch_of(task)
    assert Views(task).out == Grid(3, (20, 20))
    assert Views(task)(batch) is batch.xrays

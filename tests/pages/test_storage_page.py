"""Storage: a tick belongs to the item that was ticked."""

from cnn.store.kept_images import keep_image
from pages.shared.runs import deletion


def test_ticks_do_not_move_to_what_another_person_adds(open_page, store, image_folder):
    first, second, third = (path.read_bytes() for path in sorted(image_folder.rglob("*.png"))[:3])
    keep_image(store, first)
    keep_image(store, second)
    app = open_page("storage")

    def table() -> tuple[str, list[str]]:
        """Which table it is for Streamlit, which keeps ticks by table and row, and its images."""
        (found,) = (frame for frame in app.dataframe if "image" in frame.value)
        return found.proto.id, found.value["image"].tolist()

    before = table()
    app.run()
    assert table() == before
    keep_image(store, third)
    deletion.forget_sizes()
    app.run()
    name, images = table()
    assert len(images) == 3 and name != before[0]

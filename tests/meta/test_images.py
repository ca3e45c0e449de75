"""Pictures: a narrow door, judged by content, kept by hash."""

import pytest

from domain.errors import InputError
from domain.platform import Mode
from resources.files.images import default_image, extension, fetch, provide
from tests.films import video


def given(tmp_path, url, mode=Mode.SANDBOX):
    return provide(url, store=tmp_path / "images", mode=mode, data=tmp_path / "data")


def test_an_ad_without_a_picture_gets_the_drawn_one(tmp_path):
    """The same bytes each time, stored once under their hash, and said so."""
    first, second = given(tmp_path, None), given(tmp_path, None)
    assert first == second and "default" in first.note
    assert (tmp_path / "images" / first.name).read_bytes() == default_image()
    assert len(list((tmp_path / "images").iterdir())) == 1


def test_the_sandbox_takes_files_of_the_data_folder_only(tmp_path):
    """A path outside is refused, however it is written."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.png").write_bytes(default_image(8, 8))
    (tmp_path / "secret.png").write_bytes(default_image(8, 8))
    assert given(tmp_path, f"file://{tmp_path}/data/a.png").note == ""
    for path in (f"{tmp_path}/secret.png", f"{tmp_path}/data/../secret.png", "/etc/hostname"):
        with pytest.raises(InputError):
            given(tmp_path, f"file://{path}")


def test_live_mode_reads_no_file(tmp_path):
    """file: is a fixture of the sandbox."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.png").write_bytes(default_image(8, 8))
    with pytest.raises(InputError, match="sandbox"):
        given(tmp_path, f"file://{tmp_path}/data/a.png", Mode.LIVE)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.1.1",
        "169.254.169.254",
        "::1",
        "fd00::1",
        "0.0.0.0",
        "100.64.0.1",
        "::ffff:127.0.0.1",
        "224.0.0.1",
    ],
)
def test_a_name_that_points_inside_is_never_fetched(address):
    """One private address among public ones is enough."""
    with pytest.raises(InputError, match="public"):
        fetch("https://pictures.example.com/a.png", lambda host: ["93.184.215.14", address])


@pytest.mark.parametrize("url", ["http://example.com/a.png", "ftp://x/a", "https://u:p@x.com/a"])
def test_only_plain_https_is_fetched(url):
    """No other scheme, no credentials in the address."""
    with pytest.raises(InputError, match="https"):
        fetch(url, lambda host: ["93.184.215.14"])


@pytest.mark.parametrize(
    "content", [b"<html></html>", b"", b"\x00" * 64, b"GIF8", video(1920, 1080), b"%PDF-1.7"]
)
def test_content_decides_and_strangers_are_refused(content):
    """A name or header never makes a page a picture; a wide video is refused too."""
    with pytest.raises(InputError):
        extension(content)


def test_pictures_and_upright_videos_are_known_by_their_first_bytes():
    """PNG, JPEG, GIF and a vertical MP4."""
    samples = {default_image(8, 8): "png", b"\xff\xd8\xff\xe0": "jpg", b"GIF89a..": "gif"}
    assert all(extension(content) == name for content, name in samples.items())
    assert extension(video(1080, 1920)) == "mp4"

"""Dependency descriptors: what a scalable stream's packets say of themselves."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.frames.frame import BrokenFrameError
from streaming.rtp.dependency_descriptor import Structure, parse_descriptor
from tests.streaming import three_by_two
from tests.streaming.scalable import KEY_LAYERS, SIZES, descriptor


def structure_of(layers: tuple[tuple[int, int], ...], **options: bool) -> Structure:
    """Read the structure that a key frame carries."""
    found = parse_descriptor(descriptor(layers, layers[0], key=True, **options), None)
    assert found is not None
    assert found.structure is not None
    return found.structure


@pytest.mark.parametrize("chains", [False, True])
def test_a_key_frame_tells_the_layers_and_who_wants_them(*, chains: bool) -> None:
    """Two spatial and two temporal layers make four decode targets; the best of each size is known."""
    structure = structure_of(KEY_LAYERS, chains=chains)
    assert [(one.spatial, one.temporal) for one in structure.templates] == list(KEY_LAYERS)
    assert structure.decode_targets == 4
    assert [structure.templates[n].wanted for n in range(4)] == [
        (True, True, True, True), (False, True, False, True),
        (False, False, True, True), (False, False, False, True),
    ]  # fmt: skip
    assert structure.targets == (1, 3)
    assert structure.sizes == SIZES[:2]


def test_three_spatial_and_two_temporal_layers_make_six_targets() -> None:
    """Each kind of frame is wanted by the targets at or above its layers; the best of each size is known."""
    found = parse_descriptor(three_by_two.descriptor(0, 1, key=True), None)
    assert found is not None
    structure = found.structure
    assert structure is not None
    assert (structure.decode_targets, structure.targets, structure.sizes) == (6, (1, 3, 5), SIZES)
    for number, template in enumerate(three_by_two.TEMPLATES):
        read = parse_descriptor(three_by_two.descriptor(number, 300), structure)
        assert read is not None
        assert (read.spatial, read.frame_number) == (template.spatial, 300)
        above = [
            (spatial, temporal) for spatial in range(3) for temporal in range(2)
            if spatial >= template.spatial and temporal >= template.temporal
        ]  # fmt: skip
        wanting = [(target // 2, target % 2) for target in range(6) if read.wanted[target]]
        assert wanting == above


def test_a_later_packet_refers_to_the_structure() -> None:
    """Three bytes say which layer the frame is, whether it begins or ends, and its number."""
    structure = structure_of(KEY_LAYERS)
    data = descriptor(KEY_LAYERS, (1, 0), starts=False, ends=True, frame=300)
    assert len(data) == 3
    found = parse_descriptor(data, structure)
    assert found is not None
    assert (found.spatial, found.frame_number, found.starts_frame, found.ends_frame) == (1, 300, False, True)
    assert found.wanted == (False, False, True, True)
    assert found.structure is None
    assert parse_descriptor(data, None) is None


def test_a_packet_may_say_which_targets_are_still_sent() -> None:
    """A sender on a slow line leaves its large layers out and says so."""
    structure = structure_of(KEY_LAYERS)
    found = parse_descriptor(descriptor(KEY_LAYERS, (0, 0), active=0b0011), structure)
    assert found is not None
    assert found.active == 0b0011


def test_a_template_that_is_not_there_is_an_error() -> None:
    """The number is out of the structure's range."""
    small = structure_of(((0, 0),))
    with pytest.raises(BrokenFrameError):
        parse_descriptor(descriptor(KEY_LAYERS, (1, 1)), small)


@given(st.binary(max_size=80), st.booleans())
def test_whatever_comes_is_read_or_refused(data: bytes, known: bool) -> None:
    """No input does anything but return or raise the one error."""
    with contextlib.suppress(BrokenFrameError):
        parse_descriptor(data, structure_of(KEY_LAYERS) if known else None)


@pytest.mark.parametrize("chains", [False, True])
def test_a_descriptor_that_is_cut_off_is_an_error(*, chains: bool) -> None:
    """Wherever it is cut; three bytes alone are a whole one, of a frame whose structure is not known."""
    whole = descriptor(KEY_LAYERS, (0, 0), key=True, chains=chains)
    assert parse_descriptor(whole[:3], None) is None
    for at in (1, 2, *range(4, len(whole) - 1)):
        with pytest.raises(BrokenFrameError):
            parse_descriptor(whole[:at], None)

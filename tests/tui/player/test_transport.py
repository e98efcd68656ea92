import pytest

from reelroom.tui.player.transport import Transport

END = 6.0


def playing(**given: object) -> Transport:
    transport = Transport(END, **given)  # type: ignore[arg-type]
    transport.play(0.0)
    return transport


def test_it_moves_with_the_clock_at_its_speed() -> None:
    transport = playing(speed=2.0)
    assert transport.at(1.5) == 3.0
    transport.pause(1.5)
    assert transport.at(99.0) == 3.0


def test_at_the_end_it_stops_there_and_begins_again_when_played() -> None:
    transport = playing()
    assert transport.move_on(7.0, END)
    assert not transport.playing
    assert transport.at(7.0) == END
    transport.play(8.0)
    assert transport.at(8.5) == 0.5


def test_a_loop_goes_round_between_the_marks_without_losing_time() -> None:
    transport = playing(loop=True, mark_in=1.0, mark_out=3.0)
    transport.jump(2.0, 0.0)
    assert not transport.move_on(1.5, END)
    assert transport.at(1.5) == pytest.approx(1.5)


def test_it_waits_where_decoding_is() -> None:
    transport = playing()
    transport.move_on(2.0, reach=0.5)
    assert transport.at(2.0) == 0.5
    transport.move_on(2.1, reach=5.0)
    assert transport.at(2.1) == pytest.approx(0.6)


def test_a_jump_stays_inside_the_clip() -> None:
    transport = Transport(END)
    transport.jump(-3.0, 0.0)
    assert transport.at(0.0) == 0.0
    transport.jump(99.0, 0.0)
    assert transport.at(0.0) == END


def test_speeds_go_up_and_down_and_end_somewhere() -> None:
    transport = playing()
    transport.faster(1, 1.0)
    assert transport.speed == 1.25
    assert transport.at(1.0) == pytest.approx(1.0)
    transport.faster(-50, 1.0)
    assert transport.speed == 0.1
    transport.faster(50, 1.0)
    assert transport.speed == 8.0


def test_a_mark_set_twice_is_taken_away_and_one_on_the_wrong_side_takes_the_other() -> None:
    transport = Transport(END)
    transport.jump(4.0, 0.0)
    transport.mark(now=0.0, out=False)
    transport.jump(2.0, 0.0)
    transport.mark(now=0.0, out=True)
    assert (transport.mark_in, transport.mark_out) == (None, 2.0)
    transport.mark(now=0.0, out=True)
    assert transport.end == END


def test_an_empty_part_and_an_empty_clip_do_not_loop_for_ever() -> None:
    transport = Transport(0.0, loop=True)
    transport.play(0.0)
    assert transport.move_on(1.0, 0.0)
    assert not transport.playing

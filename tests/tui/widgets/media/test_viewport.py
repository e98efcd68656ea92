import random

from reelroom.tui.widgets.viewport import Viewport


def screen(view: Viewport) -> dict[tuple[int, int], int]:
    cells = ((row, column) for row in range(view.rows) for column in range(view.columns))
    return {cell: place for cell in cells if (place := view.place(*cell)) is not None}


def test_each_clip_in_view_has_one_cell() -> None:
    pick = random.Random(1)
    for _ in range(400):
        columns, rows, total = pick.randrange(1, 7), pick.randrange(1, 6), pick.randrange(200)
        view = Viewport(columns=columns, rows=rows, total=total)
        for _ in range(6):
            view = view.scrolled(pick.randrange(-9, 12))
            if total:
                view = view.kept(total, view.first, min(total - 1, view.first + pick.randrange(3)))
            assert sorted(screen(view).values()) == list(range(view.first, view.end))
            assert all(view.shows(place) for place in screen(view).values())
            assert view.top == 0 or view.lead < columns
            assert view.top > 0 or view.lead == 0


def test_going_to_a_clip_shows_it_and_moves_no_more_than_it_must() -> None:
    view = Viewport(columns=3, rows=2, total=100)
    assert view.towards(5) == view
    assert view.towards(6).top == 1
    far = view.towards(99)
    assert far.shows(99)
    assert far.top == 32
    assert far.towards(0).top == 0


def test_clips_above_the_view_do_not_move_it() -> None:
    view = Viewport(columns=4, rows=3, total=100).scrolled(5)
    before = screen(view)
    for come in (1, 2, 3, 4, 5, 11):
        after = screen(view.kept(100 + come, view.first, view.first + come))
        assert {cell: place - come for cell, place in after.items()} == before
    gone = screen(view.kept(97, view.first, view.first - 3))
    assert {cell: place + 3 for cell, place in gone.items()} == before


def test_the_first_row_is_full_at_the_top() -> None:
    view = Viewport(columns=4, rows=2, total=50).scrolled(3).kept(51, 12, 13)
    assert view.lead == 3
    assert view.scrolled(-100).lead == 0
    assert view.towards(0).place(0, 0) == 0


def test_a_narrower_pane_keeps_its_clip() -> None:
    view = Viewport(columns=6, rows=4, total=500).towards(300)
    for columns, rows in ((3, 4), (6, 2), (1, 1), (4, 9)):
        assert view.shaped(columns, rows, 300).shows(300)
    top = Viewport(columns=6, rows=4, total=500)
    assert top.shaped(3, 2, 1).top == 0


def test_an_empty_view_has_no_clip() -> None:
    view = Viewport(columns=3, rows=2)
    assert screen(view.scrolled(3)) == {}
    assert (view.first, view.end, view.place(0, 0)) == (0, 0, None)
    assert Viewport(columns=3, rows=2, total=9).place(-1, 0) is None
    assert Viewport(columns=3, rows=2, total=9).place(0, 3) is None

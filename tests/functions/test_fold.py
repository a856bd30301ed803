"""How findings of several operations become the faces of one photo."""

from __future__ import annotations

from facestamp.faces import FEATURES, Box, Enrolment, Face, Point, Points, Size
from facestamp.fold import fold
from facestamp.operations import Findings

FRAME = Size(400, 300)
LARGE, SMALL = Box(10, 10, 100, 100), Box(200, 50, 40, 40)


def shape(box: Box) -> Points:
    """Points spread evenly over a box, whose centroid is its middle."""
    corners = [
        Point(box.x, box.y),
        Point(box.x + box.width, box.y + box.height),
        Point(box.x, box.y + box.height),
        Point(box.x + box.width, box.y),
    ]
    middle = Point(box.x + box.width // 2, box.y + box.height // 2)
    return {
        feature: tuple(corners[n % 4] if count % 4 == 0 else middle for n in range(count))
        for feature, count in FEATURES.items()
    }


def moved(box: Box, by: int) -> Box:
    return box._replace(x=box.x + by, y=box.y + by)


def test_nothing_found_is_nobody() -> None:
    assert fold([], FRAME) == (FRAME, ())
    assert fold([Findings(size=FRAME), Findings(rejected="X")], None) == (FRAME, ())
    assert fold([], None) == (None, ())


def test_the_largest_face_comes_first() -> None:
    assert fold([Findings(FRAME, boxes=(SMALL, LARGE))], FRAME)[1] == (Face(LARGE), Face(SMALL))


def test_what_belongs_together_is_joined_whatever_the_order() -> None:
    boxes = Findings(FRAME, boxes=(SMALL, LARGE))
    shapes = Findings(FRAME, shapes=(shape(LARGE), shape(SMALL)))
    attributes = Findings(FRAME, attributes=((moved(SMALL, 3), {"Age": 7}), (moved(LARGE, -5), {"Age": 40})))
    expected = (Face(LARGE, shape(LARGE), {"Age": 40}), Face(SMALL, shape(SMALL), {"Age": 7}))
    for findings in ([boxes, shapes, attributes], [attributes, shapes, boxes], [shapes, boxes, attributes]):
        assert fold(findings, FRAME) == (FRAME, expected)


def test_points_in_no_box_stay_in_the_record() -> None:
    stray = shape(Box(300, 200, 20, 20))
    assert fold([Findings(FRAME, boxes=(LARGE,)), Findings(FRAME, shapes=(stray,))], FRAME)[1] == (Face(LARGE),)


def test_attributes_that_overlap_no_box_stay_in_the_record() -> None:
    elsewhere = Findings(FRAME, attributes=((Box(300, 200, 20, 20), {"Age": 7}),))
    assert fold([Findings(FRAME, boxes=(LARGE,)), elsewhere], FRAME)[1] == (Face(LARGE),)


def test_points_in_two_boxes_belong_to_the_nearer_middle() -> None:
    inner = Box(70, 70, 30, 30)
    near = shape(moved(inner, -3))
    assert fold([Findings(boxes=(LARGE, inner)), Findings(shapes=(near,))], FRAME)[1] == (
        Face(LARGE),
        Face(inner, near),
    )


def test_two_shapes_in_one_box_do_not_push_each_other_out() -> None:
    (face,) = fold([Findings(boxes=(LARGE,)), Findings(shapes=(shape(LARGE), shape(moved(LARGE, 9))))], FRAME)[1]
    assert face.points == shape(LARGE)


def test_each_box_takes_the_attributes_that_overlap_it_best() -> None:
    left, right = Box(0, 0, 100, 100), Box(60, 0, 100, 100)
    attributes = ((Box(58, 0, 100, 100), {"Age": 2}), (Box(2, 0, 100, 100), {"Age": 1}))
    faces = fold([Findings(boxes=(left, right)), Findings(attributes=attributes)], FRAME)[1]
    assert {face.box: face.attributes for face in faces} == {left: {"Age": 1}, right: {"Age": 2}}


def test_without_boxes_points_make_faces_of_their_own() -> None:
    faces = fold([Findings(FRAME, shapes=(shape(SMALL), shape(LARGE)))], FRAME)[1]
    assert faces == (Face(points=shape(LARGE)), Face(points=shape(SMALL)))


def test_without_boxes_attributes_join_the_points_inside_their_frame() -> None:
    attributes = Findings(FRAME, attributes=((SMALL, {"Age": 7}), (LARGE, {"Age": 40})))
    faces = fold([Findings(FRAME, shapes=(shape(LARGE),)), attributes], FRAME)[1]
    assert faces == (Face(LARGE, shape(LARGE), {"Age": 40}), Face(SMALL, None, {"Age": 7}))


def test_attributes_alone_bring_their_boxes() -> None:
    assert fold([Findings(FRAME, attributes=((LARGE, {}),))], FRAME)[1] == (Face(LARGE),)


def test_a_smaller_frame_is_brought_into_the_photos() -> None:
    half = Size(200, 150)
    findings = [
        Findings(FRAME, boxes=(LARGE,)),
        Findings(half, shapes=(shape(Box(5, 5, 50, 50)),)),
        Findings(Size(100, 75), attributes=((Box(3, 2, 25, 25), {"Age": 40}),)),
    ]
    size, (face,) = fold(findings, FRAME)
    assert size == FRAME
    assert face.points is not None
    assert face.points["LeftPupil"] == (Point(60, 60),)
    assert face.attributes == {"Age": 40}
    assert face.box == LARGE


def test_a_frame_can_differ_in_each_direction() -> None:
    (face,) = fold([Findings(Size(200, 300), boxes=(Box(-5, -7, 50, 100),))], FRAME)[1]
    assert face.box == Box(-10, -7, 100, 100)


def test_without_a_known_size_the_first_answer_that_names_one_gives_the_frame() -> None:
    size, (face,) = fold([Findings(), Findings(Size(200, 150), boxes=(LARGE,)), Findings(FRAME)], None)
    assert (size, face.box) == (Size(200, 150), LARGE)


def test_an_enrolment_is_nobodys_box() -> None:
    assert fold([Findings(enrolment=Enrolment("1001", ("1",)))], FRAME) == (FRAME, ())

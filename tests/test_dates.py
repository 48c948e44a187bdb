"""Every date string met on portals is read right, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaning.dates import read, read_date
from cleaning.prose_dates import find_event_date
from cleaning.record import DateSource

FETCHED = datetime(2026, 3, 10, 5, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Thứ sáu, 08/09/2023, 07:42 GMT+7", "2023-09-08T07:42:00+07:00"),
        ("Ngày 21/6/2024", "2024-06-21"),
        ("08-09-2023 07:42", "2023-09-08T07:42:00+07:00"),
        ("ngày 29/12/2022", "2022-12-29"),
        ("ngày 14/5/2021", "2021-05-14"),
        ("Thứ Hai, 05/02/2024 | 14:30", "2024-02-05T14:30:00+07:00"),
        ("Thứ 6, 08/09/2023", "2023-09-08"),
        ("Chủ nhật, ngày 03/12/2023", "2023-12-03"),
        ("11/12/2023 3:05:33 CH", "2023-12-11T15:05:33+07:00"),
        ("Thứ tư, 2/3/2022 8:5", "2022-03-02T08:05:00+07:00"),
        ("22/06/2024 12:00:00 SA", "2024-06-22T00:00:00+07:00"),
        ("(15/08/2023)", "2023-08-15"),
        ("15.08.2023", "2023-08-15"),
        ("2023-09-08T00:42:00Z", "2023-09-08T07:42:00+07:00"),
        ("01-07-25", "2025-07-01"),
        ("Lượt xem: 214", None),
        ("185 664", None),
        ("Chiều ngày 18/8/2022", "2022-08-18"),
        ("vào ngày 2/11/2021", "2021-11-02"),
        ("Ngày đăng: 01/07/2025", "2025-07-01"),
        ("Ngày cập nhật: 11/12/2023 10:05:33 SA", "2023-12-11T10:05:33+07:00"),
        ("Xuất bản 7:42, thứ Sáu ngày 8.9.2023", "2023-09-08T07:42:00+07:00"),
        ("Cập nhật: 16 giờ 05 phút, ngày 3 tháng 2 năm 2022", "2022-02-03T16:05:00+07:00"),
        ("từ tháng 4/2021", "2021-04"),
        ("Thứ sáu - 08/09/2023 07:42", "2023-09-08T07:42:00+07:00"),
        ("Đăng lúc: 09:15 - 01/07/2025", "2025-07-01T09:15:00+07:00"),
        ("Cập nhật lúc 14h30, 02/09/2021", "2021-09-02T14:30:00+07:00"),
        ("02 Tháng Chín 2021", "2021-09-02"),
        ("ngày 02 tháng 9 năm 2021", "2021-09-02"),
        ("Thứ ba, 12 Tháng 3 2024 09:00", "2024-03-12T09:00:00+07:00"),
        ("20230908T074200+0700", "2023-09-08T07:42:00+07:00"),
        ("nhiệm kỳ 2024 - 2027", None),
        ("năm 2022", None),
        ("27/7", None),
        ("21 tháng 09 năm 2025", "2025-09-21"),
        ("Đã xuất bản 05/11/2025 14:23 - Đã sửa đổi 3 ngày trước đây", "2025-11-05T14:23:00+07:00"),
        ("Tháng Bảy 15, 2025", "2025-07-15"),
        ("Tháng Mười Hai 1, 2024 lúc 8:05 sáng", "2024-12-01T08:05:00+07:00"),
        ("Đã tạo 04/11/2025 - Đã được xuất bản 05/11/2025", "2025-11-05"),
        ("Sáng 05/11/2025, xã đã xuất bản tập san", None),
        # malformed meta, feeds' own forms, and more of what portals print
        ("2025-11-05+0714:23:00", "2025-11-05T14:23:00+07:00"),
        ("Wed, 05 Nov 2025 07:23:00 GMT", "2025-11-05T14:23:00+07:00"),
        ("Wed, 05 Nov 2025 14:23:00 +0700", "2025-11-05T14:23:00+07:00"),
        ("2023-09-08T07:42:00+07:00", "2023-09-08T07:42:00+07:00"),
        ("2023-09-08 07:42:10.123", "2023-09-08T07:42:10+07:00"),
        ("Print Thứ Bảy, 26/01/2019 19:26", "2019-01-26T19:26:00+07:00"),
        ("T2, 05/02/2024 - 14h", "2024-02-05T14:00:00+07:00"),
        ("CN, 3/12/2023 6:30 CH", "2023-12-03T18:30:00+07:00"),
        ("Đăng ngày 1 - 7 - 2025", "2025-07-01"),
        ("14:30 (GMT+7), Thứ Hai, 05/02/2024", "2024-02-05T14:30:00+07:00"),
        ("Tháng Mười Hai 5, 2023", "2023-12-05"),
        ("5 Tháng Mười Hai, 2023", "2023-12-05"),
        ("8 Tháng Năm 2020", "2020-05-08"),
        ("November 5, 2025", "2025-11-05"),
        ("Tin tức | 12/03/2024 | Lượt xem: 214 | Tác giả: Trần Thị Bưởi", "2024-03-12"),
        ("Ngày đăng: 01/07/2025 10:00 | Cập nhật: 03/07/2025 11:00", "2025-07-01T10:00:00+07:00"),
        ("Cập nhật: 03/07/2025 11:00 - Ngày đăng: 01/07/2025", "2025-07-01"),
        ("10:00 01/07/2025 (cập nhật 11:00 03/07/2025)", "2025-07-01T10:00:00+07:00"),
        ("Submitted by admin on Fri, 09/08/2023 - 07:42", "2023-09-08T07:42:00+07:00"),
        ("T6, 09/08/2023 - 07:42", "2023-09-08T07:42:00+07:00"),
        ("Thứ tư, 09/08/2023", "2023-08-09"),
        ("Thu, 08/09/2023", "2023-09-08"),
        ("Thursday, 09/07/2023", "2023-09-07"),
        ("Đã đăng 26/7/2024", "2024-07-26"),
        ("tháng 9 năm 2021", "2021-09"),
        ("1.232.000 đồng", None),
        ("192.168.1.15", None),
        ("3.399 = 1.072+246+2.081", None),
        ("Sáng 12/3/2024, huyện đã tổ chức lễ phát động trồng cây", None),
        ("", None),
    ],
)
def test_a_date_string_is_read_right_or_not_at_all(text: str, value: str | None) -> None:
    moment = read_date(text, "page")
    assert (moment.value if moment else None) == value
    if moment:
        assert moment.precision == {7: "month", 10: "day"}.get(len(moment.value), "minute")
        assert moment.raw


def test_a_text_extractors_prefix_is_a_date_only_in_a_dump() -> None:
    assert read_date("date 2022-02", "page") is None
    moment = read_date("date 2022-02", "dump")
    assert moment and (moment.value, moment.precision) == ("2022-02", "month")


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2024",
        "Thứ hai, 12/05/2567",
        "12/05/2565 10:00",
        "12/25/2024",
        "Thứ hai, 12/25/2024",
        "00/00/0000",
        "01/01/1899",
    ],
)
def test_an_impossible_date_is_null_and_flagged(text: str) -> None:
    reading = read(text, "page", fetched_at=FETCHED)
    assert reading.moment is None
    assert reading.flags == (() if "0000" in text else ("impossible-date",))


def test_words_for_past_time_need_the_time_of_the_fetch() -> None:
    assert read_date("3 giờ trước", "page") is None
    moment = read_date("3 giờ trước", "page", fetched_at=FETCHED)
    assert moment and (moment.value, moment.precision) == ("2026-03-10", "day")
    exact = read_date("Đăng 25 phút trước", "page", fetched_at=FETCHED)
    assert exact and exact.value == "2026-03-10T11:55:00+07:00"


def test_a_date_after_the_fetch_is_flagged() -> None:
    assert read("20/12/2026", "page", fetched_at=FETCHED).flags == ("future-date",)
    assert read("20/12/2028", "page", fetched_at=FETCHED).moment is None


def test_a_feed_that_prints_the_month_as_minute_gives_only_the_day() -> None:
    wrong = read_date("Wed, 05 Nov 2025 07:11:00 GMT", "feed")
    right = read_date("Wed, 05 Nov 2025 07:23:00 GMT", "feed")
    late = read_date("Wed, 05 Nov 2025 20:11:00 GMT", "feed")
    assert wrong and right and late
    assert (wrong.value, late.value, right.value) == ("2025-11-05", "2025-11-06", "2025-11-05T14:23:00+07:00")


@pytest.mark.parametrize(
    ("address", "value"),
    [
        ("https://x.gov.vn/portal/Pages/2024-4-25/Hoi-nghi-dvv348x.aspx", "2024-04-25"),
        ("https://x.gov.vn/portal/pages/2023-01-30/Le-hoi-468686.aspx", "2023-01-30"),
        ("https://x.gov.vn/2024/05/09/le-hoi/", "2024-05-09"),
        ("https://x.gov.vn/2024/05/le-hoi/", "2024-05"),
        ("https://x.gov.vn/News/vhxh/2025/11/1913.aspx", "2025-11"),
        ("https://x.gov.vn/tin-tuc/hop-ngay-21-6-2024-950942", None),
        ("https://x.gov.vn/1227/27461/54439/293909/tin", None),
        ("https://x.gov.vn/2024/13/le-hoi/", None),
        ("https://x.gov.vn/tin?ngay=/2024/05/09/", None),
    ],
)
def test_an_address_tells_its_date(address: str, value: str | None) -> None:
    moment = read_date(address, "url")
    assert (moment.value if moment else None) == value


@pytest.mark.parametrize(
    ("opening", "value", "raw"),
    [
        ("Sáng ngày 12/3/2024, xã Mường Lá tổ chức lễ ra quân trồng cây.", "2024-03-12", "Sáng ngày 12/3/2024"),
        (
            "Vừa qua, vào ngày 5 tháng 4 năm 2023, thị trấn khai trương chợ mới.",
            "2023-04-05",
            "ngày 5 tháng 4 năm 2023",
        ),
        (
            "Thực hiện Kế hoạch số 15/KH-UBND ngày 01/3/2024 của huyện, ngày 15/3/2024, xã tổ chức tập huấn.",
            "2024-03-15",
            "ngày 15/3/2024",
        ),
        ("Hợp tác xã Bến Sỏi được thành lập ngày 02/9/2019, đến nay có 45 hộ tham gia sản xuất.", None, None),
        (
            "Kỷ niệm 134 năm Ngày sinh Chủ tịch Hồ Chí Minh (19/5/1890 - 19/5/2024), thanh niên huyện về nguồn.",
            None,
            None,
        ),
        ("Từ ngày 12/3/2024 đến ngày 15/3/2024, huyện mở hội thi tay nghề cho thợ trẻ.", None, None),
        ("Năm 2023, xã Tân Phú đạt chuẩn nông thôn mới, thu nhập đầu người tăng so với năm 2022.", None, None),
    ],
)
def test_the_opening_of_the_prose_dates_the_event(opening: str, value: str | None, raw: str | None) -> None:
    moment = find_event_date([opening, "Ngày 30/6/2024 là hạn cuối để các hộ đăng ký tham gia chương trình này."])
    assert (moment and moment.value, moment and moment.raw) == (value, raw)
    assert moment is None or moment.source == "prose"


PIECES = (
    "12/3/2024", "31/02/2024", "12.3.24", "１２/３/２０２４", "2024-13-45", "20240230T2561", "14h30", "25:61", "GMT+7",
    "+9999", "+07", "T", "Z", "SA", "CH", "|", "-", "999 giờ trước", "Thứ Ba", "CN", "May", "tháng mười hai",
    "năm 2022", "cập nhật",
)  # fmt: skip


@given(
    st.lists(st.sampled_from(PIECES), max_size=9).map(" ".join) | st.text(max_size=40),
    st.sampled_from(("page", "url", "feed", "meta")),
)
@settings(max_examples=300, deadline=None)
def test_any_string_reads_as_a_real_date_or_none(text: str, source: DateSource) -> None:
    moment = read(text, source, fetched_at=FETCHED).moment
    find_event_date([text])
    if moment:
        day = {"month": moment.value + "-01", "day": moment.value}.get(moment.precision, moment.value)
        assert 1997 <= datetime.fromisoformat(day).year <= FETCHED.year + 1

"""What each flag of an article or a capture means, for readers; published as `flag_meanings`."""

from __future__ import annotations

MEANINGS: dict[str, tuple[str, str]] = {
    "encoding-repaired": (
        "Văn bản bị mã hóa hai lần hoặc theo bảng mã của phông chữ; đã đọc lại theo quy tắc",
        "The text was encoded twice or in a font's own table; it was read back by rule",
    ),
    "encoding-guessed": (
        "Trang không cho biết bảng mã; đã lấy bảng mã khớp nhất",
        "The page does not tell its encoding; the best fitting one was taken",
    ),
    "encoding-doubtful": (
        "Không bảng mã nào cho ra trọn vẹn chữ Việt; có thể có chữ sai",
        "No encoding gives wholly Vietnamese words; some letters may be wrong",
    ),
    "capitals-uncertain": (
        "Đọc từ TCVN3, bảng mã không có chữ hoa có dấu; có chữ có thể vốn là chữ hoa",
        "Read from TCVN3, which has no capitals with tone marks; some letters may have been capitals",
    ),
    "undecodable-characters": (
        "Có ký tự đã mất từ trước hoặc không giải mã được",
        "Some characters were lost before or could not be decoded",
    ),
    "binary": ("Không phải văn bản", "The bytes are no text"),
    "impossible-date": (
        "Trang in một ngày không có thật (31/2, năm 2567); không ghi ngày nào",
        "The page prints a date that cannot be (31 February, the year 2567); none is kept",
    ),
    "future-date": ("Ngày in trên trang muộn hơn lúc tải", "The printed date lies after the fetch"),
    "layout-unknown": (
        "Chưa có bộ quy tắc cho trang này; phần bài do cách chấm điểm chung chọn",
        "No layout fits the page; a general scorer chose the article's part",
    ),
    "no-article": ("Không tìm thấy bài trên trang", "No article was found on the page"),
    "empty-body": ("Bài không có hoặc gần như không có văn bản", "The article has no text, or almost none"),
    "too-deep": (
        "Trang lồng nhau quá sâu; phần chữ bên dưới bị mất",
        "The page nests deeper than the parser goes; text below is lost",
    ),
    "error-page": (
        "Trang chỉ báo lỗi bằng vài chữ, không có bài",
        "The page says in few words that it has no article to show",
    ),
    "oversized": (
        "Bài quá lớn để đọc kỹ; văn bản được cắt thô hơn",
        "The article's markup is too large for the fine reading; its text was cut more coarsely",
    ),
    "no-title": ("Trang không có tiêu đề", "No title was found"),
    "views-out-of-range": ("Lượt xem in trên trang không thể có", "The printed view count cannot be"),
    "truncated": ("Trả lời của cổng bị đứt giữa chừng", "The portal's reply broke off"),
    "short-body": ("Trả lời ngắn hơn độ dài đã báo", "The reply is shorter than it announced"),
    "soft-404": ("Cổng trả lời 200 nhưng bài không còn", "The portal answers 200, but the article is not there"),
    "clock-backwards": (
        "Đồng hồ máy tải chạy lùi; thứ tự các lần tải đã được giữ",
        "The crawler's clock went backwards; the order of the captures was kept",
    ),
    "refused": (
        "Kho không nhận bản đã tách; trang gốc được giữ",
        "The archive refused the cleaned record; the raw page is kept",
    ),
    "browser-saved": (
        "Trang do trình duyệt lưu, không phải từng byte của cổng",
        "A page saved by a browser, not the portal's bytes",
    ),
    "fetched-at-of-file": ("Giờ tải lấy theo giờ của tệp", "The fetch time is the file's"),
}
"""Flag to its meaning in Vietnamese and English."""

"""Captions end at pauses and fit the screen; each format has the times that the words have."""

from sonogram.decoding import Transcript, Word, captions
from sonogram.decoding.transcript import render_ctm, render_srt, render_table, render_vtt


def spoken(text: str, pause: float = 0.1) -> list[Word]:
    """Words of 0.3 s with pauses between them."""
    return [
        Word(word, number * (0.3 + pause), number * (0.3 + pause) + 0.3, 0.5)
        for number, word in enumerate(text.split())
    ]


def test_captions_have_at_most_two_lines_of_42_characters_and_six_seconds() -> None:
    words = spoken("somewhat longer words " * 12)
    found = captions(words)
    assert " ".join(" ".join(each.lines) for each in found) == " ".join(word.text for word in words)
    assert all(len(each.lines) <= 2 and max(map(len, each.lines)) <= 42 for each in found)
    assert all(each.end - each.start <= 6 for each in found)
    assert max(len(each.lines) for each in found) == 2


def test_captions_end_at_pauses() -> None:
    assert len(captions(spoken("one two three", pause=0.7))) == 1
    assert len(captions(spoken("one two three", pause=0.9))) == 3
    assert captions([]) == []


def test_formats_have_the_times_of_the_words() -> None:
    words = [Word("it's", 3599.9996, 3601.5, 0.75), Word("<two>", 3601.6, 3602.0, 1.0)]
    assert render_srt(words) == "1\n01:00:00,000 --> 01:00:02,000\nit's <two>\n\n"
    assert render_vtt(words) == "WEBVTT\n\n01:00:00.000 --> 01:00:02.000\nit's &lt;two&gt;\n\n"
    assert (
        render_ctm("a b.wav", words)
        == "a_b 1 3600.000 1.500 it's 0.7500\na_b 1 3601.600 0.400 <two> 1.0000\n"
    )
    assert render_table("a,b.wav", words[:1]) == '"a,b.wav",3600.0,3601.5,it\'s,0.75\n'


def test_captions_without_an_extent_last_a_millisecond() -> None:
    words = [Word("one", 0.0, 0.0, 1.0), Word("two", 1.0001, 1.0002, 1.0)]
    for text, point in ((render_srt(words), ","), (render_vtt(words), ".")):
        assert f"00:00:00{point}000 --> 00:00:00{point}001\none" in text
        assert f"00:00:01{point}000 --> 00:00:01{point}001\ntwo" in text


def test_data_for_json_are_rounded() -> None:
    found = Transcript("one", (Word("one", 0.12345, 0.5, 0.98765),), 1.0).to_dict()
    assert found == {
        "text": "one",
        "duration": 1.0,
        "words": [{"word": "one", "start": 0.123, "end": 0.5, "score": 0.9877}],
    }

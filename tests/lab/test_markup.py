"""HTML of the lab's own and text of other people are never mixed up."""

import pytest

from cogrnn_lab.lab.markup import Markup, SafeHTML, join, markup, safe
from cogrnn_lab.lab.page.style import gradient_html, legend_html, text, title

HOSTILE = '<script>alert("1")</script>&amp;\''
SHOWN = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;&#x27;"


def test_text_is_shown_letter_by_letter_whatever_it_holds():
    assert safe(HOSTILE) == SHOWN
    assert safe(3) == "3"
    assert safe(None) == "None"


def test_a_part_cannot_fill_the_template_a_second_time():
    assert markup("<b>{}</b>{x}", "{x}", x="{0}") == "<b>{x}</b>{0}"


def test_what_is_nested_is_escaped_once():
    inner = markup("<i>{}</i>", HOSTILE)
    assert markup("<b>{}</b>", inner) == f"<b><i>{SHOWN}</i></b>"
    assert join([inner, HOSTILE], "<") == f"<i>{SHOWN}</i>&lt;{SHOWN}"
    assert join([]) == ""


@pytest.mark.parametrize("made", [safe("a"), markup("a"), join(["a"]), legend_html([])])
def test_everything_that_makes_markup_says_so_of_its_result(made):
    assert isinstance(made, Markup)


def test_a_part_of_markup_is_no_markup():
    assert not isinstance(Markup("<b>") + HOSTILE, Markup), "put together with text it is text"
    assert not isinstance(Markup("<b>x</b>")[:5], Markup)


def test_a_widget_reads_tags_of_our_own_alone_from_the_start_and_later():
    one = SafeHTML("<b>")
    assert one.value == "&lt;b&gt;"
    one.value = Markup("<b>")
    assert one.value == "<b>"
    one.value = HOSTILE
    assert one.value == SHOWN
    one.set_state({"value": "<img>"})  # as a page would send it
    assert one.value == "&lt;img&gt;"


def test_a_legend_has_a_swatch_of_each_kind_and_names_within_attributes_as_text():
    line, dot = '"><img>', "after reward"
    shown = legend_html([(line, "#0072B2", "dashed"), (dot, "red", "dot")])
    assert shown == (
        '<span class="cog-key" title="&quot;&gt;&lt;img&gt;">'
        '<span class="cog-swatch dashed" style="border-top-color:#0072B2"></span>&quot;&gt;&lt;img&gt;</span>'
        '<span class="cog-key" title="after reward">'
        '<span class="cog-swatch dot" style="background:red"></span>after reward</span>'
    )


def test_ends_of_a_scale_of_colors_are_text():
    shown = gradient_html("<low>", "high", ("red", "#00f"))
    assert "&lt;low&gt;" in shown
    assert "<low>" not in shown
    assert "linear-gradient(90deg,red,#00f)" in shown


def test_a_heading_has_a_help_mark_where_there_is_something_to_say():
    assert title("Weights").value == "Weights"
    shown = title("Weights", 'what "open" means', tip_left=True).value
    assert 'class="cog-help cog-tip-left"' in shown
    assert 'aria-label="what &quot;open&quot; means"' in shown
    assert "cog-title" in text("x", "cog-title")._dom_classes

"""What may go wrong with a session, a link or an answer: each case has its tests. The words are the case, the names the proof."""

from __future__ import annotations

import importlib

import pytest

CASES: dict[str, tuple[str, ...]] = {
    "8 another kind of token": ("plugin.test_launch.test_case_8_another_kind_of_token",),
    "9 another agency's child": ("plugin.test_launch.test_case_9_a_number_of_another_agencys_child_opens_nothing_of_theirs",),
    "10 a launch forced on somebody": (
        "plugin.test_launch.test_case_10_a_launch_from_a_page_that_is_not_the_hosts",
        "plugin.test_launch.test_case_10_where_a_null_origin_is_allowed_the_start_page_says_who_it_is",
    ),
    "11 a page of another origin frames us": (
        "journeys.test_frames.test_a_page_of_another_origin_frames_neither_a_launch_nor_a_case",
        "journeys.test_frames.test_the_page_of_a_signed_in_worker_cannot_be_framed_by_another_origin_either",
    ),
    "12 no cookie at all": ("plugin.test_sessions.test_with_no_cookie_at_all_the_whole_raise_is_posts",),
    "13 a frame that ends in the middle": (
        "plugin.test_sessions.test_a_frame_left_alone_ends_and_its_draft_is_there_after_the_next_launch",
        "plugin.test_handoffs.test_the_end_of_a_session_and_too_large_a_body_are_seen_in_the_frame",
        "journeys.test_many_ways.test_a_session_that_is_about_to_end_says_so_and_can_be_kept",
    ),
    "14 a hostile message, a height without end": (
        "plugin.test_demo_frame.test_the_frame_is_as_high_as_it_says_within_limits",
        "plugin.test_demo_frame.test_strange_messages_and_strangers_change_nothing",
    ),
    "15 a scanner opens, runs and posts a link": (
        "plugin.test_links.test_a_scanner_gets_at_most_a_few_code_mails",
        "plugin.test_link_ends.test_a_code_that_a_scanner_asked_for_voids_nobodys",
    ),
    "16 a link that was forwarded": (
        "plugin.test_links.test_a_code_of_another_link_or_for_another_browser_is_no_good",
        "plugin.test_link_ends.test_an_open_page_of_somebody_who_was_replaced_dies_and_saves_nothing",
    ),
    "17 a link after it was handed over": ("plugin.test_link_ends.test_a_link_to_what_has_ended_says_so_to_its_owner_alone",),
    "18 a link after the case was closed": ("plugin.test_link_ends.test_a_link_to_what_has_ended_says_so_to_its_owner_alone",),
    "19 guessing codes": (
        "plugin.test_links.test_the_sixth_try_is_void_even_with_the_right_code",
        "plugin.test_links.test_guesses_made_at_once_share_the_five_tries",
        "plugin.test_link_ends.test_two_codes_give_no_more_than_five_tries_each",
    ),
    "20 two answer at once": ("plugin.test_at_once.test_of_two_who_answer_at_once_one_wins_and_the_other_keeps_their_text",),
    "21 sent twice, Back": (
        "plugin.test_at_once.test_one_page_sent_twice_is_one_event_and_the_same_answer",
        "plugin.test_at_once.test_one_raise_sent_twice_is_one_disagreement",
        "plugin.test_handoffs.test_start_pressed_twice_just_goes_on",
        "journeys.test_every_page.test_back_leads_back_and_keeps_what_was_typed",
        "journeys.test_every_page.test_a_second_window_loses_nothing_when_the_first_has_sent",
    ),
    "22 markup in what is typed": (
        "plugin.test_bad_input.test_hostile_text_comes_out_as_text_on_every_form",
        "plugin.test_bad_input.test_hostile_text_that_was_sent_is_text_on_the_cases_page_and_in_the_lists",
        "forms.test_document.test_what_was_typed_stands_in_the_pdf_letter_by_letter",
    ),
    "23 text that turns around, NUL": (
        "plugin.test_bad_input.test_text_that_turns_around_is_shown_with_its_marks",
        "plugin.test_bad_input.test_a_nul_is_nowhere_kept_and_nowhere_a_fault",
        "plugin.test_bad_input.test_a_nul_in_an_answer_reaches_no_engine",
    ),
    "24 a template in a mail's wording": ("plugin.test_link_ends.test_a_mails_wording_is_filled_by_plain_replacement_and_can_name_nobody",),
    "41 too large, too many": (
        "plugin.test_bad_input.test_a_body_that_is_too_large_is_told_and_the_draft_is_kept",
        "plugin.test_bad_input.test_ten_thousand_fields_are_no_fault_and_are_not_kept",
        "plugin.test_bad_input.test_a_hundred_thousand_parts_are_refused",
        "plugin.test_bad_input.test_ten_thousand_headers_and_a_body_that_never_ends_hold_up_nobody",
    ),
    "45 a backup from before a removal": ("plugin.test_restored.test_a_backup_from_before_a_removal_brings_nothing_back",),
}


@pytest.mark.parametrize("case", CASES)
def test_the_proof_is_there(case: str) -> None:
    assert CASES[case]
    for name in CASES[case]:
        module, _, function = name.rpartition(".")
        assert callable(getattr(importlib.import_module(f"tests.{module}"), function)), name

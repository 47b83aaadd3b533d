"""Every numbered rule and trap has a test that proves it, or a place of its pack where it is recorded and shown.

A value is the name of a test in this folder ("module: test"), or "shown: PLACE" for a statement about the document, which the second
test looks up in the pack's register.
"""

from __future__ import annotations

import importlib

import pytest

from policies import pack, pack_ids
from policies.parts.json_form import json_schema
from policies.parts.model import Policy

G, SG, W, H, B = "test_gloucestershire", "test_south_gloucestershire", "test_wiltshire", "test_havering", "test_birmingham"

PROOFS: dict[str, str] = {
    # Gloucestershire
    "GSCB-1": f"{G}: test_inaction_can_be_chosen_and_mail_is_no_way_to_talk",
    "GSCB-2": "shown: themes.other",
    "GSCB-3": "shown: notes.companions",
    "GSCB-4": f"{G}: test_inaction_can_be_chosen_and_mail_is_no_way_to_talk",
    "GSCB-5": f"{G}: test_the_week_is_a_guide_and_binds_nothing",
    "GSCB-6": "shown: notes.lowest",
    "GSCB-7": f"{G}: test_immediate_harm_owes_telling_the_own_lead_and_skips_nothing",
    "GSCB-8": f"{G}: test_asking_a_supervisor_is_advice_and_is_never_overdue",
    "GSCB-9": f"{G}: test_what_was_decided_is_written_down_and_shared_at_each_stage",
    "GSCB-10": f"{G}: test_stage_1_asks_both_to_talk_and_the_other_to_answer",
    "GSCB-11": f"{G}: test_inaction_can_be_chosen_and_mail_is_no_way_to_talk",
    "GSCB-12": f"{G}: test_stage_1_asks_both_to_talk_and_the_other_to_answer",
    "GSCB-13": f"{G}: test_worked_example_in_its_own_days",
    "GSCB-14": f"{G}: test_an_expired_stage_stays_open_and_says_so",
    "GSCB-15": f"{G}: test_both_line_managers_are_asked",
    "GSCB-16": f"{G}: test_stage_1_asks_both_to_talk_and_the_other_to_answer",
    "GSCB-17": f"{G}: test_the_meeting_is_considered_and_if_held_follows_the_guidance",
    "GSCB-18": f"{G}: test_worked_example_in_its_own_days",
    "GSCB-19": f"{G}: test_settled_is_not_closed_before_the_written_confirmation",
    "GSCB-20": f"{G}: test_worked_example_in_its_own_days",
    "GSCB-21": f"{G}: test_tiers_repeat_the_talk_and_not_the_notices_within_one_limit",
    "GSCB-22": f"{G}: test_stage_3_asks_for_a_plan_and_may_meet_again",
    "GSCB-23": f"{G}: test_stage_4_is_closed_until_tiers_and_board_members_have_tried",
    "GSCB-24": f"{G}: test_the_business_manager_is_told_and_passes_it_on",
    "GSCB-25": f"{G}: test_the_business_manager_is_told_and_passes_it_on",
    "GSCB-26": f"{G}: test_stage_3_asks_for_a_plan_and_may_meet_again",
    "GSCB-27": f"{G}: test_worked_example_in_its_own_days",
    "GSCB-28": f"{G}: test_stage_4_is_closed_until_tiers_and_board_members_have_tried",
    "GSCB-29": f"{G}: test_the_other_side_cannot_take_it_to_the_chair",
    "GSCB-30": f"{G}: test_the_chair_chooses_between_talking_and_a_panel",
    "GSCB-31": f"{G}: test_a_panel_of_three_board_members_with_both_sides_fits",
    "GSCB-32": f"{G}: test_the_chair_chooses_between_talking_and_a_panel",
    "GSCB-33": f"{G}: test_worked_example_in_its_own_days",
    "GSCB-34": f"{G}: test_the_outcome_is_owed_on_the_file_of_every_agency",
    "GSCB-35": f"{G}: test_settled_is_not_closed_before_the_written_confirmation",
    "GSCB-36": f"{G}: test_settled_is_not_closed_before_the_written_confirmation",
    "GSCB-37": f"{G}: test_a_case_settled_the_same_day_still_leaves_a_record",
    "GSCB-38": "shown: notes.own policy",
    "GSCB-X1": f"{G}: test_the_week_is_a_guide_and_binds_nothing",
    "GSCB-X2": f"{G}: test_the_business_manager_is_told_and_passes_it_on",
    "GSCB-X3": f"{G}: test_the_business_manager_is_told_and_passes_it_on",
    "GSCB-X4": f"{G}: test_tiers_repeat_the_talk_and_not_the_notices_within_one_limit",
    "GSCB-X5": "shown: notes.numbers",
    "GSCB-X6": f"{G}: test_the_officer_is_told_also_when_stage_2_is_passed_over",
    "GSCB-X7": f"{G}: test_a_panel_that_cannot_be_formed_says_why",
    "GSCB-X8": f"{G}: test_asking_a_supervisor_is_advice_and_is_never_overdue",
    "GSCB-X9": "shown: notes.mailbox",
    "GSCB-X10": f"{G}: test_a_protective_date_shortens_and_never_lengthens",
    "GSCB-X11": f"{G}: test_an_expired_stage_stays_open_and_says_so",
    # South Gloucestershire
    "SGCP-1": f"{SG}: test_both_sides_may_belong_to_one_organisation",
    "SGCP-2": f"{SG}: test_what_was_agreed_goes_back_at_once_and_everyone_is_told",
    "SGCP-3": f"{SG}: test_at_immediate_risk_the_first_talk_is_not_asked_for_and_a_later_start_is_open",
    "SGCP-4": f"{SG}: test_the_form_is_owed_at_stages_3_and_4_only_and_is_sent_on",
    "SGCP-5": f"{SG}: test_the_cap_that_passes_is_said_and_moves_nothing",
    "SGCP-6": f"{SG}: test_what_was_agreed_goes_back_at_once_and_everyone_is_told",
    "SGCP-7": f"{SG}: test_the_form_is_owed_at_stages_3_and_4_only_and_is_sent_on",
    "SGCP-8": "shown: owes.debrief",
    "SGCP-9": f"{SG}: test_the_next_person_must_be_named_and_silence_holds_nothing_up",
    "SGCP-10": f"{SG}: test_worked_example_in_its_own_days",
    "SGCP-11": f"{SG}: test_at_immediate_risk_the_first_talk_is_not_asked_for_and_a_later_start_is_open",
    "SGCP-12": "shown: stages.1.owes.discuss",
    "SGCP-13": "shown: stages.1.owes.ask manager",
    "SGCP-14": f"{SG}: test_worked_example_in_its_own_days",
    "SGCP-15": f"{SG}: test_what_was_agreed_goes_back_at_once_and_everyone_is_told",
    "SGCP-16": f"{SG}: test_worked_example_in_its_own_days",
    "SGCP-17": f"{SG}: test_who_acts_comes_from_the_table_with_pairs_alternatives_and_a_fallback",
    "SGCP-18": f"{SG}: test_what_was_agreed_goes_back_at_once_and_everyone_is_told",
    "SGCP-19": f"{SG}: test_worked_example_in_its_own_days",
    "SGCP-20": "shown: stages.3.owes.settle",
    "SGCP-21": f"{SG}: test_stage_3_is_recorded_in_the_case_file_and_in_supervision_notes",
    "SGCP-22": "shown: every stage.written record",
    "SGCP-23": f"{SG}: test_the_form_is_owed_at_stages_3_and_4_only_and_is_sent_on",
    "SGCP-24": f"{SG}: test_worked_example_in_its_own_days",
    "SGCP-25": f"{SG}: test_both_routes_of_the_executive_bind",
    "SGCP-26": f"{SG}: test_mediation_is_offered_at_once",
    "SGCP-27": f"{SG}: test_both_routes_of_the_executive_bind",
    "SGCP-28": f"{SG}: test_an_agency_outside_the_executive_cannot_be_seated_and_that_is_said",
    "SGCP-29": f"{SG}: test_both_routes_of_the_executive_bind",
    "SGCP-30": f"{SG}: test_who_acts_comes_from_the_table_with_pairs_alternatives_and_a_fallback",
    "SGCP-31": f"{SG}: test_stage_3_is_recorded_in_the_case_file_and_in_supervision_notes",
    "SGCP-32": f"{SG}: test_the_form_is_owed_at_stages_3_and_4_only_and_is_sent_on",
    "SGCP-33": "shown: statistics.resolution",
    "SGCP-34": "shown: notes.lowest",
    "SGCP-35": "shown: every stage.safe meanwhile",
    "SGCP-36": "shown: owes.offer support",
    "SGCP-37": "shown: conflicts.tiers",
    "SGCP-X1": f"{SG}: test_the_cumulative_reading_is_a_change_of_three_phrases",
    "SGCP-X2": "shown: conflicts.last limit",
    "SGCP-X3": f"{SG}: test_hours_that_end_on_a_closed_day_are_shown",
    "SGCP-X4": f"{SG}: test_without_the_outside_date_the_clock_starts_when_it_is_raised",
    "SGCP-X5": f"{SG}: test_the_form_is_owed_at_stages_3_and_4_only_and_is_sent_on",
    "SGCP-X6": "shown: notes.contact",
    "SGCP-X7": "shown: unresolved.appendix",
    "SGCP-X8": "shown: notes.one person",
    "SGCP-X9": f"{SG}: test_who_acts_comes_from_the_table_with_pairs_alternatives_and_a_fallback",
    "SGCP-X10": f"{SG}: test_the_form_is_owed_at_stages_3_and_4_only_and_is_sent_on",
    "SGCP-X11": "shown: notes.secure",
    "SGCP-X12": f"{SG}: test_no_reviewing_officer_is_ever_told",
    "SGCP-X13": "shown: conflicts.signatures",
    "SGCP-X14": "shown: flags.immediate risk",
    # Wiltshire
    "WSCB-1": f"{W}: test_no_officer_no_panel_no_inaction_and_secure_sending",
    "WSCB-2": "shown: owes.policy gap",
    "WSCB-3": f"{W}: test_imminent_and_not_agreed_goes_straight_to_the_board_once_the_lead_was_asked",
    "WSCB-4": f"{W}: test_worked_example_in_calendar_days_with_the_other_reading_shown",
    "WSCB-5": f"{W}: test_before_escalation_has_two_steps_and_no_limit",
    "WSCB-6": f"{W}: test_managers_then_senior_managers_try",
    "WSCB-7": f"{W}: test_managers_then_senior_managers_try",
    "WSCB-8": f"{W}: test_the_guide_ends_at_the_referral_to_the_board",
    "WSCB-9": f"{W}: test_worked_example_in_calendar_days_with_the_other_reading_shown",
    "WSCB-10": f"{W}: test_settled_before_escalation_nobody_owes_the_notification",
    "WSCB-11": "shown: owes.debrief",
    "WSCB-12": f"{W}: test_the_notification_is_owed_by_the_manager_who_resolved",
    "WSCB-13": f"{W}: test_no_officer_no_panel_no_inaction_and_secure_sending",
    "WSCB-14": f"{W}: test_no_officer_no_panel_no_inaction_and_secure_sending",
    "WSCB-15": "shown: notes.lowest",
    "WSCB-16": f"{W}: test_before_escalation_has_two_steps_and_no_limit",
    "WSCB-17": "shown: owes.offer support",
    "WSCB-18": f"{W}: test_the_notification_is_owed_by_the_manager_who_resolved",
    "WSCB-X1": f"{W}: test_worked_example_in_working_days",
    "WSCB-X2": f"{W}: test_worked_example_in_working_days",
    "WSCB-X3": f"{W}: test_the_guide_ends_at_the_referral_to_the_board",
    "WSCB-X4": f"{W}: test_the_decider_is_recorded_and_the_open_questions_are_shown",
    "WSCB-X5": f"{W}: test_before_escalation_has_two_steps_and_no_limit",
    "WSCB-X6": f"{W}: test_settled_before_escalation_nobody_owes_the_notification",
    "WSCB-X7": f"{W}: test_the_decider_is_recorded_and_the_open_questions_are_shown",
    "WSCB-X8": f"{W}: test_worked_example_in_calendar_days_with_the_other_reading_shown",
    "WSCB-X9": f"{W}: test_no_officer_no_panel_no_inaction_and_secure_sending",
    "WSCB-X10": "shown: notes.own people",
    # Havering
    "HSCP-1": "shown: themes.need for action",
    "HSCP-2": f"{H}: test_a_protective_date_shortens_the_guide",
    "HSCP-3": "shown: notes.lowest",
    "HSCP-4": f"{H}: test_immediate_harm_support_and_redirect",
    "HSCP-5": "shown: stages.1.owes.ask supervisor",
    "HSCP-6": f"{H}: test_advice_alone_is_an_outcome_of_the_first_stage",
    "HSCP-7": f"{H}: test_immediate_harm_support_and_redirect",
    "HSCP-8": f"{H}: test_immediate_harm_support_and_redirect",
    "HSCP-9": f"{H}: test_managers_speak_and_senior_managers_must_try",
    "HSCP-10": f"{H}: test_worked_example",
    "HSCP-11": f"{H}: test_managers_speak_and_senior_managers_must_try",
    "HSCP-12": f"{H}: test_worked_example",
    "HSCP-13": f"{H}: test_the_chair_or_a_panel_of_three_decides_and_nothing_binds",
    "HSCP-14": f"{H}: test_the_chair_or_a_panel_of_three_decides_and_nothing_binds",
    "HSCP-15": f"{H}: test_the_chair_or_a_panel_of_three_decides_and_nothing_binds",
    "HSCP-16": f"{H}: test_the_chair_or_a_panel_of_three_decides_and_nothing_binds",
    "HSCP-17": f"{H}: test_settled_closes_without_a_confirmation",
    "HSCP-18": "shown: notes.companions",
    "HSCP-19": f"{H}: test_immediate_harm_support_and_redirect",
    "HSCP-X1": f"{H}: test_no_stage_has_a_limit_and_none_rests_unseen",
    "HSCP-X2": f"{H}: test_duties_of_its_cousin_are_not_owed_here",
    "HSCP-X3": f"{H}: test_duties_of_its_cousin_are_not_owed_here",
    "HSCP-X4": "shown: notes.mailbox",
    "HSCP-X5": "shown: conflicts.cited paragraphs",
    "HSCP-X6": "shown: conflicts.notice to the chair",
    "HSCP-X7": f"{H}: test_tiers_repeat_at_stage_3",
    "HSCP-X8": f"{H}: test_tiers_repeat_at_stage_3",
    # Birmingham
    "BSCP-1": "shown: themes.several concerned",
    "BSCP-2": f"{B}: test_a_protective_date_shortens_every_stage",
    "BSCP-3": f"{B}: test_the_receiving_side_confirms_at_every_stage_within_two_working_days",
    "BSCP-4": f"{B}: test_gaps_go_to_both_addressees",
    "BSCP-5": f"{B}: test_both_flags_refer_and_immediate_risk_tells_the_lead_too",
    "BSCP-6": f"{B}: test_both_flags_refer_and_immediate_risk_tells_the_lead_too",
    "BSCP-7": f"{B}: test_each_discussion_is_recorded_approved_and_dated",
    "BSCP-8": f"{B}: test_the_headline_is_a_cap_that_ends_at_stage_4",
    "BSCP-9": f"{B}: test_worked_example_stage_1",
    "BSCP-10": f"{B}: test_written_first_owes_no_second_letter",
    "BSCP-11": "shown: stages.1.owes.raise",
    "BSCP-12": f"{B}: test_worked_example_stage_1",
    "BSCP-13": f"{B}: test_worked_example_stage_1",
    "BSCP-14": f"{B}: test_resolved_at_stage_1_the_letter_stands_outside_the_time",
    "BSCP-15": f"{B}: test_each_practitioner_goes_to_the_own_manager",
    "BSCP-16": f"{B}: test_worked_example_stages_2_to_3b",
    "BSCP-17": f"{B}: test_the_receiving_side_confirms_at_every_stage_within_two_working_days",
    "BSCP-18": f"{B}: test_head_teachers_leads_and_police_ranks_come_from_the_table",
    "BSCP-19": f"{B}: test_worked_example_stages_2_to_3b",
    "BSCP-20": f"{B}: test_worked_example_stages_2_to_3b",
    "BSCP-21": f"{B}: test_worked_example_stages_2_to_3b",
    "BSCP-22": f"{B}: test_worked_example_stages_2_to_3b",
    "BSCP-23": f"{B}: test_worked_example_stages_2_to_3b",
    "BSCP-24": f"{B}: test_only_the_raising_director_opens_stage_4_and_only_with_a_reason",
    "BSCP-25": f"{B}: test_a_move_after_the_guard_opened_keeps_the_director_s_two_days",
    "BSCP-26": f"{B}: test_worked_example_stage_4",
    "BSCP-27": f"{B}: test_worked_example_stage_4",
    "BSCP-28": "shown: owes.debrief",
    "BSCP-29": f"{B}: test_the_receiving_side_confirms_at_every_stage_within_two_working_days",
    "BSCP-30": f"{B}: test_each_practitioner_goes_to_the_own_manager",
    "BSCP-31": "shown: notes.lowest",
    "BSCP-32": "shown: notes.threshold",
    "BSCP-33": "shown: stages.1.owes.raise",
    "BSCP-34": "shown: conflicts.unsaid",
    "BSCP-X1": f"{B}: test_the_flow_chart_value_of_3b_would_end_earlier",
    "BSCP-X2": f"{B}: test_resolved_at_stage_1_the_letter_stands_outside_the_time",
    "BSCP-X3": f"{B}: test_the_receiving_side_confirms_at_every_stage_within_two_working_days",
    "BSCP-X4": f"{B}: test_hours_that_end_on_a_bank_holiday_are_shown",
    "BSCP-X5": "shown: conflicts.days",
    "BSCP-X6": f"{B}: test_a_late_raise_opens_and_is_marked_late",
    "BSCP-X7": f"{B}: test_an_early_finish_lets_the_stage_s_own_clock_bind",
    "BSCP-X8": f"{B}: test_both_flags_refer_and_immediate_risk_tells_the_lead_too",
    "BSCP-X9": f"{B}: test_gaps_go_to_both_addressees",
    "BSCP-X10": f"{B}: test_head_teachers_leads_and_police_ranks_come_from_the_table",
    "BSCP-X11": f"{B}: test_no_officer_is_told_even_of_a_looked_after_child",
    "BSCP-X12": f"{B}: test_the_headline_is_a_cap_that_ends_at_stage_4",
    "BSCP-X13": f"{B}: test_a_settlement_between_directors_is_not_called_binding",
    "BSCP-X14": f"{B}: test_several_agencies_may_raise_it_against_one",
    # of all five
    "ALL-X1": f"{G}: test_siblings_with_one_officer_owe_one_notice",
    "ALL-X2": f"{G}: test_a_flag_set_late_owes_its_notice_exactly_once",
    "ALL-X3": f"{G}: test_an_expired_stage_stays_open_and_says_so",
    "ALL-X4": f"{G}: test_reopening_goes_on_with_new_clocks_and_owes_a_new_confirmation",
    "ALL-X5": "test_loading: test_every_bundled_pack_loads_and_knows_its_own_text",
    "ALL-X6": "test_rules: test_events_and_states_carry_no_names",
}  # fmt: skip


def _policies() -> list[Policy]:
    return [pack(one) for one in pack_ids()]


def test_every_rule_of_every_register_has_a_proof_and_no_proof_is_of_nothing() -> None:
    numbers = {rule.id for policy in _policies() for rule in policy.rules}
    assert numbers == {number for number in PROOFS if not number.startswith("ALL-")}
    assert len([one for one in PROOFS if "-X" not in one]) == 146
    assert len([one for one in PROOFS if "-X" in one]) == 63


@pytest.mark.parametrize("number", PROOFS)
def test_the_proof_is_there(number: str) -> None:
    kind, _, name = PROOFS[number].partition(": ")
    if kind == "shown":
        rules = {rule.id: rule for policy in _policies() for rule in policy.rules}
        assert name in rules[number].answered
    else:
        assert callable(getattr(importlib.import_module(f"tests.policies.{kind}"), name))


def test_every_conflict_names_its_readings_and_the_one_chosen() -> None:
    for policy in _policies():
        assert policy.conflicts
        for one in policy.conflicts:
            assert one.readings
            assert one.chosen
            assert one.rule


def test_what_is_strong_in_the_source_is_strong_in_the_register() -> None:
    strengths = {rule.id: rule.strength for policy in _policies() for rule in policy.rules}
    musts = (
        "GSCB-11",
        "GSCB-18",
        "GSCB-24",
        "GSCB-31",
        "GSCB-34",
        "GSCB-35",
        "SGCP-6",
        "SGCP-14",
        "SGCP-23",
        "SGCP-28",
        "WSCB-7",
        "WSCB-10",
    )
    more = (
        "WSCB-10",
        "WSCB-12",
        "WSCB-16",
        "HSCP-8",
        "HSCP-10",
        "HSCP-11",
        "HSCP-14",
        "HSCP-17",
        "BSCP-3",
        "BSCP-7",
        "BSCP-12",
        "BSCP-13",
        "BSCP-19",
    )
    panels = {"GSCB-31", "SGCP-28"}
    assert {number for number in (*musts, *more) if strengths[number] != "must"} == set()
    assert panels <= set(strengths)
    assert all(strengths[number] == "guide" for number in ("GSCB-5", "WSCB-4", "HSCP-2"))
    assert all(strengths[number] == "may" for number in ("GSCB-8", "GSCB-22", "GSCB-36", "SGCP-8", "WSCB-11", "BSCP-28"))


def test_events_and_states_carry_no_names() -> None:
    words = str(json_schema()).lower()
    assert "opaque" in words
    assert not [field for field in ("forename", "surname", "birth", "address", "email", "phone") if field in words]

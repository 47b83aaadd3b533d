"""What can fail on the way to a file, what must come of it, and which test says so. Here it is only checked that each of them is there."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RULES, LEDGER, FULL = "tests/plugin/test_delivery_rules.py", "tests/plugin/test_deliveries.py", "tests/plugin/test_full_or_locked.py"
HTTP = "tests/integrations/test_http.py"
MAIL, LEAVES, HOOKS = "tests/peers/test_secure_mail.py", "tests/plugin/test_mail_leaves.py", "tests/plugin/test_hooks.py"

TABLE = {
    "a system answers 500: tried again": (LEDGER, "test_the_page_says_waiting_then_on_file"),
    "it answers 429: not before it says": (
        RULES,
        "test_the_wait_grows_as_set_with_a_jitter_of_a_fifth_and_never_less_than_the_peer_asks",
    ),
    "it answers 400: a person at once": (RULES, "test_the_log_of_a_try_has_its_status_and_time_and_nothing_else_of_the_exchange"),
    "it times out after it stored the note: one note": (LEDGER, "test_whatever_a_host_does_there_is_one_document_or_a_person_is_asked"),
    "it cannot be searched: a person looks first": (
        LEDGER,
        "test_where_a_host_cannot_be_searched_a_person_looks_before_it_is_sent_again",
    ),
    "it drips, never ends, or sends a bomb: cut off": (HTTP, "test_sent_and_no_whole_answer"),
    "it fails five times in a row: paused": (RULES, "test_five_failures_in_a_row_pause_a_connection_and_nothing_is_lost"),
    "it redirects: not followed": (HTTP, "test_a_redirect_is_given_back_and_not_followed"),
    "its name's address changes: the checked one is used": (HTTP, "test_the_name_is_looked_up_once_and_the_checked_address_used"),
    "one of its addresses is inside: refused": (HTTP, "test_a_public_host_with_an_inside_address"),
    "its certificate is not accepted: refused": (HTTP, "test_tls_with_a_certificate_that_is_not_accepted"),
    "a mail server without STARTTLS: refused": (MAIL, "test_a_server_without_starttls_gets_nothing"),
    "a webhook comes twice: the same answer": (HOOKS, "test_the_same_message_twice_is_answered_the_same_and_done_once"),
    "a webhook is malformed: never a fault of ours": (HOOKS, "test_what_is_no_message_is_refused_and_never_a_fault_of_ours"),
    "the queue is flushed": (LEDGER, "test_a_queue_flushed_in_the_middle_loses_nothing"),
    "the queue is down": (LEDGER, "test_a_queue_that_is_down_loses_nothing"),
    "a worker is killed while it writes": (LEDGER, "test_workers_killed_while_writing_lose_nothing_and_write_nothing_twice"),
    "a worker is killed while it writes to a mailbox": (
        RULES,
        "test_a_worker_lost_while_it_wrote_to_a_mailbox_leads_to_a_person_not_to_a_second_mail",
    ),
    "a worker is killed between the mail server's yes and the commit": (
        LEAVES,
        "test_a_worker_killed_between_the_servers_yes_and_the_commit_sends_the_same_message_again",
    ),
    "a lease ends while it is written": (LEDGER, "test_a_worker_whose_lease_ended_while_it_wrote_changes_nothing_any_more"),
    "the database is locked for a while": (FULL, "test_a_lock_that_is_let_go_in_time_is_no_trouble"),
    "the database stays locked: 503": (FULL, "test_a_database_that_stays_locked_is_tried_three_times_and_then_told"),
    "the disk is full: 503, nothing half written": (FULL, "test_a_full_disk_is_told_and_nothing_is_half_written"),
    "the disk is full while a worker concludes": (FULL, "test_a_full_disk_is_no_delivery_and_the_next_worker_looks_first"),
    "nothing can be written: health is red": (FULL, "test_health_is_red_while_nothing_can_be_written"),
    "a connection is switched off: held, not lost": (RULES, "test_a_connection_that_is_switched_off_holds_what_is_due_until_it_is_on"),
    "its settings cannot be used any more": (RULES, "test_settings_that_cannot_be_used_any_more_ask_a_person_and_stop_no_worker"),
    "what lay on file is gone": ("tests/plugin/test_looking_again.py", "test_what_is_gone_is_owed_again_and_a_person_is_asked"),
}


@cache
def named_in(module: str) -> frozenset[str]:
    """The names of its test functions and methods."""
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


@pytest.mark.parametrize("case", TABLE)
def test_each_failure_has_its_test(case: str) -> None:
    module, name = TABLE[case]
    assert name in named_in(module)

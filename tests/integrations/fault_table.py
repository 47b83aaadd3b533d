"""Which adapter is tested against which fault, and where; a fault that cannot befall an adapter says why. `test_fault_table` checks it.

The adapters over HTTP go through all faults in test_contract.py; they have one row in common.
"""

from __future__ import annotations

CONTRACT = "tests/integrations/test_contract.py::"
SFTP = "tests/peers/test_sftp.py::"
MAIL = "tests/peers/test_secure_mail.py::"
FOLDER = "tests/integrations/test_folder.py::"
TRIAL = "tests/integrations/test_trial.py::"

FAULTS = (
    "refused connection",
    "name that is not found",
    "host that is not listed",
    "TLS, wrong name",
    "TLS, expired",
    "time-out before the write",
    "time-out after the write",
    "3xx",
    "401, then a fresh token",
    "wrong credentials",
    "403",
    "404",
    "408",
    "409",
    "409 that alone says: it is there already",
    "412",
    "429 with Retry-After in seconds",
    "429 with Retry-After as a date",
    "500",
    "503",
    "full disk",
    "200 that says failure",
    "slow drip",
    "endless body",
    "gzip bomb",
    "cut connection in the middle",
    "an answer that is not what it says",
)

_UNKNOWN = CONTRACT + "test_sent_and_no_whole_answer_is_unknown_then_looked_for"
_WAIT = CONTRACT + "test_how_long_to_wait_is_the_peers_word"
OVER_HTTP = {
    "refused connection": CONTRACT + "test_a_refused_connection_is_tried_later",
    "name that is not found": CONTRACT + "test_a_name_that_is_not_found_is_told",
    "host that is not listed": CONTRACT + "test_a_host_that_is_not_listed_is_refused",
    "TLS, wrong name": CONTRACT + "test_a_certificate_that_is_not_accepted_is_refused",
    "TLS, expired": CONTRACT + "test_a_certificate_that_is_not_accepted_is_refused",
    "time-out before the write": CONTRACT + "test_nothing_is_delivered_and_nothing_unknown_before_the_write",
    "time-out after the write": _UNKNOWN,
    "3xx": CONTRACT + "test_redirects_and_refusals_go_to_a_person",
    "401, then a fresh token": CONTRACT + "test_a_401_gets_one_fresh_token_where_there_are_tokens",
    "wrong credentials": CONTRACT + "test_a_check_says_what_is_wrong",
    "403": CONTRACT + "test_redirects_and_refusals_go_to_a_person",
    "404": CONTRACT + "test_redirects_and_refusals_go_to_a_person",
    "408": CONTRACT + "test_not_now",
    "409": CONTRACT + "test_a_conflict_is_good_news_only_if_it_can_be_seen_there",
    "409 that alone says: it is there already": "tests/integrations/steps/test_there.py::"
    "test_a_write_whose_answer_was_lost_is_sent_again_and_found_to_be_there",
    "412": CONTRACT + "test_a_conflict_is_good_news_only_if_it_can_be_seen_there",
    "429 with Retry-After in seconds": _WAIT,
    "429 with Retry-After as a date": _WAIT,
    "500": CONTRACT + "test_an_error_may_come_before_or_after_the_note_was_stored",
    "503": CONTRACT + "test_not_now",
    "full disk": CONTRACT + "test_an_error_may_come_before_or_after_the_note_was_stored",
    "200 that says failure": CONTRACT + "test_a_200_is_not_success",
    "slow drip": _UNKNOWN,
    "endless body": _UNKNOWN,
    "gzip bomb": _UNKNOWN,
    "cut connection in the middle": _UNKNOWN,
    "an answer that is not what it says": CONTRACT + "test_nothing_is_delivered_and_nothing_unknown_before_the_write",
}

_NO_STATUS = "cannot be: this protocol has no such answer"
_NO_NETWORK = "cannot be: nothing goes over a network"
_NO_SYSTEM = "cannot be: there is no system at the other side"

NOT_OVER_HTTP: dict[str, dict[str, str]] = {
    "sftp": {
        "refused connection": SFTP + "test_nobody_there_a_name_that_is_not_found_and_a_host_that_is_not_listed",
        "name that is not found": SFTP + "test_nobody_there_a_name_that_is_not_found_and_a_host_that_is_not_listed",
        "host that is not listed": SFTP + "test_nobody_there_a_name_that_is_not_found_and_a_host_that_is_not_listed",
        "TLS, wrong name": SFTP + "test_a_server_with_another_key_gets_nothing",
        "TLS, expired": "cannot be: a host key does not expire; another than the one pinned is refused",
        "time-out before the write": SFTP + "test_something_that_is_no_sftp_server",
        "time-out after the write": SFTP + "test_silence_after_the_name_was_given_or_before",
        "3xx": "cannot be: SFTP has no redirects",
        "401, then a fresh token": "cannot be: SSH knows no tokens",
        "wrong credentials": SFTP + "test_a_wrong_proof_is_refused_and_told",
        "403": SFTP + "test_faults_of_the_server",
        "404": SFTP + "test_a_folder_below",
        "408": _NO_STATUS,
        "409": SFTP + "test_another_file_of_that_name_is_left_alone",
        "409 that alone says: it is there already": "cannot be: files can be looked at, and are",
        "412": SFTP + "test_writing_again_changes_nothing_and_it_is_found",
        "429 with Retry-After in seconds": _NO_STATUS,
        "429 with Retry-After as a date": _NO_STATUS,
        "500": SFTP + "test_faults_of_the_server",
        "503": SFTP + "test_something_that_is_no_sftp_server",
        "full disk": SFTP + "test_faults_of_the_server",
        "200 that says failure": SFTP + "test_faults_of_the_server",
        "slow drip": SFTP + "test_a_server_that_drips",
        "endless body": SFTP + "test_a_file_that_is_longer_than_it_says_is_not_read_to_its_end",
        "gzip bomb": "cannot be: we take no compression in SSH",
        "cut connection in the middle": SFTP + "test_a_connection_that_is_cut",
        "an answer that is not what it says": SFTP + "test_something_that_is_no_sftp_server",
    },
    "secure-mail": {
        "refused connection": MAIL + "test_nobody_there",
        "name that is not found": MAIL + "test_a_name_that_is_not_found",
        "host that is not listed": MAIL + "test_a_name_that_is_not_found",
        "TLS, wrong name": MAIL + "test_a_certificate_that_is_not_accepted",
        "TLS, expired": MAIL + "test_a_certificate_that_is_not_accepted",
        "time-out before the write": MAIL + "test_something_that_is_no_mail_server_is_for_later",
        "time-out after the write": MAIL + "test_a_server_that_is_silent_after_the_text_is_unknown",
        "3xx": "cannot be: SMTP has no redirects that we follow; 551 is a refusal like other 5xx",
        "401, then a fresh token": "cannot be: we sign in with a password",
        "wrong credentials": MAIL + "test_a_wrong_password",
        "403": MAIL + "test_refusals_for_now_and_for_good",
        "404": MAIL + "test_refusals_for_now_and_for_good",
        "408": MAIL + "test_greylisting_is_for_later",
        "409": "cannot be: a mailbox takes every mail",
        "409 that alone says: it is there already": "cannot be: a mailbox takes every mail",
        "412": "cannot be: a mailbox takes every mail",
        "429 with Retry-After in seconds": "cannot be: SMTP does not say when; 4xx waits by our own back-off",
        "429 with Retry-After as a date": "cannot be: SMTP does not say when; 4xx waits by our own back-off",
        "500": MAIL + "test_refusals_for_now_and_for_good",
        "503": MAIL + "test_refusals_for_now_and_for_good",
        "full disk": MAIL + "test_refusals_for_now_and_for_good",
        "200 that says failure": "cannot be: 250 is the whole answer, and any other is looked at by its number",
        "slow drip": MAIL + "test_a_server_that_drips_its_greeting_holds_nobody",
        "endless body": MAIL + "test_something_that_is_no_mail_server_is_for_later",
        "gzip bomb": "cannot be: SMTP has no compression",
        "cut connection in the middle": MAIL + "test_a_connection_that_is_lost_after_the_text_is_unknown",
        "an answer that is not what it says": MAIL + "test_something_that_is_no_mail_server_is_for_later",
    },
    "folder": {
        **dict.fromkeys(FAULTS, _NO_NETWORK),
        "host that is not listed": FOLDER + "test_only_folders_that_the_deployment_allows",
        "403": FOLDER + "test_only_folders_that_the_deployment_allows",
        "404": FOLDER + "test_only_folders_that_the_deployment_allows",
        "409": FOLDER + "test_another_file_of_that_name_is_never_overwritten",
        "412": FOLDER + "test_a_name_that_is_taken_while_we_write_is_not_overwritten",
        "full disk": FOLDER + "test_a_full_disk_in_the_middle_is_unknown_and_taken_up_again",
    },
    "manual": dict.fromkeys(FAULTS, _NO_SYSTEM),
    "trial": {
        **dict.fromkeys(FAULTS, _NO_SYSTEM),
        "time-out after the write": TRIAL + "test_silent_after_writing_can_be_found_and_silent_before_cannot",
        "503": TRIAL + "test_it_does_as_told",
    },
}

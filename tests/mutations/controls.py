"""One small change for each control that docs/security.md names: with it, the control is gone."""

from typing import NamedTuple


class Mutation(NamedTuple):
    """`old`, which stands once in `file`, becomes `new`; then `test` must fail."""

    control: str
    file: str
    old: str
    new: str
    test: str


MUTATIONS = [
    Mutation(
        "only who may work inquiries moves them to spam from a list",
        "appointments/admin/lists/spam.py",
        "if not model_admin.has_change_permission(request):",
        "if False:",
        "tests/appointments/admin/test_spam.py::test_who_only_reads_ticks_nothing",
    ),
    Mutation(
        "a doctor reads what they were asked, and no other question",
        "appointments/admin/doctor/question_page.py",
        "filter(practitioner=doctor, taken_back_at=None,",
        "filter(taken_back_at=None,",
        "tests/appointments/admin/test_doctor.py::test_no_page_of_another_patient_is_theirs",
    ),
    Mutation(
        "who may not look at inquiries finds nobody",
        "appointments/admin/lists/find.py",
        "if not request.user.has_perm(VIEW_INQUIRY):",
        "if False:",
        "tests/appointments/admin/test_find.py"
        "::test_the_box_stands_on_every_page_of_those_who_may_see_inquiries_and_on_no_other",
    ),
    Mutation(
        "no clone works on another site's database", "clinic/whose_database.py",
        "    if named:\n        raise", "    if False:\n        raise",
        "tests/clinic/test_whose_database.py::test_a_worker_sends_nothing_of_it",
    ),
    Mutation(
        "the steps of going live are the manager's", "clinic/operations/ready.py",
        "if not request.user.has_perm(MAY_SEE):", "if False:",
        "tests/clinic/operations/test_ready.py::test_nobody_else_says_that_the_site_is_ready",
    ),
    Mutation(
        "typed text is no markup on staff's pages",
        "appointments/admin/lists/inbox.py",
        "return format_html(words, inquiry.who_comes, inquiry.shown_reference)",
        "return SafeString(words.format(inquiry.who_comes, inquiry.shown_reference))",
        "tests/clinic/test_admin_site.py::test_who_may_do_what_and_no_typed_text_is_markup",
    ),
    Mutation(
        "only who may change a time says what became of a visit",
        "appointments/admin/today/press.py",
        "if not user.has_perm(ADD_CALL if do in CALLS else CHANGE_APPOINTMENT):",
        "if False:",
        "tests/appointments/admin/test_today.py::test_whoever_only_reads_is_offered_nothing_to_press",
    ),
    Mutation(
        "what a mail says is text again",
        "appointments/notifications/compose.py",
        'Words(*(part + "" for part in',
        "Words(*(part for part in",
        "tests/appointments/notifications/test_compose.py::test_what_a_mail_says_is_no_html_for_the_page_that_shows_it",
    ),
    Mutation(
        "nobody says for another that they will come", "appointments/public/views/appointment.py",
        "    if seen is None:\n        raise ChangedMeanwhile\n    promises",
        "    seen = seen or Appointment.objects.get(pk=request.POST[\"appointment\"])\n    promises",
        "tests/appointments/public/test_coming.py::test_nobody_says_it_for_the_appointment_of_another",
    ),
    Mutation(
        "only managers see reports", "appointments/admin/reports/page.py",
        "if not user.has_perm(VIEW_REPORTS):", "if False:",
        "tests/appointments/admin/reports/test_page.py::test_only_managers_see_reports",
    ),
    Mutation(
        "Markdown is cleaned", "procedures/markdown.py",
        "return nh3.clean(dirty, ", "return dirty or nh3.clean(dirty, ",
        "tests/procedures/test_markdown.py::test_nothing_active_survives",
    ),
    Mutation(
        "one line stays one line", "clinic/typed_text.py",
        r"\x0b\x0c\x85\u2028\u2029]+", "]+",
        "tests/clinic/test_typed_text.py::test_what_ends_a_line_is_a_space_in_one_line",
    ),
    Mutation(
        "an address reaches a mailbox on the internet", "clinic/mailboxes.py",
        "if _ODD.search(address):", "if False:",
        "tests/clinic/test_mailboxes.py::test_what_no_patient_has_is_none",
    ),
    Mutation(
        "a sum's token is ours", "appointments/public/captcha.py",
        " if constant_time_compare(asked.token, token)), None)", "), None)",
        "tests/appointments/public/test_captcha.py::test_a_token_of_another_minute_does_not_fit",
    ),
    Mutation(
        "too many posts of one address are refused", "appointments/public/counting.py",
        "return self.posts > limits.POSTS_AT_MOST", "return False",
        "tests/appointments/public/test_counting.py"
        "::test_what_one_address_sends_is_stored_then_checked_then_refused_with_what_was_typed",
    ),
    Mutation(
        "nobody takes the whole calendar", "appointments/bookings/pause.py",
        "Clinic.objects.update(is_choosing_paused=True)", "pass",
        "tests/appointments/public/test_counting.py"
        "::test_when_an_hour_takes_a_fifth_choosing_pauses_and_requests_arrive",
    ),
    Mutation(
        "one mailbox gets few mails by itself", "appointments/notifications/notify.py",
        "(dedupe_key=dedupe_key, room=room, ", "(dedupe_key=dedupe_key, ",
        "tests/appointments/notifications/test_confirmations.py::test_in_an_hour_thirty_go_in_all",
    ),
    Mutation(
        "a post of another site is refused", "clinic/server/http.py",
        'return site in ("same-origin", "none")', "return True",
        "tests/clinic/server/test_http.py::test_a_post_from_another_site_is_refused",
    ),
    Mutation(
        "no page loads what is not ours", "clinic/settings.py",
        '"default-src": [CSP.NONE],', '"default-src": [CSP.SELF],',
        "tests/clinic/server/test_http.py::test_a_page_loads_nothing_but_its_own_style_and_icon",
    ),
    Mutation(
        "no page stands in another site's frame", "clinic/settings.py",
        '"frame-ancestors": [CSP.NONE],', "",
        "tests/clinic/server/test_http.py::test_no_page_stands_in_a_frame_of_another_site",
    ),
    Mutation(
        "only named proxies are believed", "clinic/server/client_address.py",
        "for entry in reversed(seen):", "for entry in seen:",
        "tests/clinic/server/test_client_address.py::test_only_named_proxies_are_believed",
    ),
    Mutation(
        "passwords are hashed as OWASP asks", "clinic/accounts/hashing.py",
        "memory_cost = 19 * 1024", "memory_cost = 1024",
        "tests/clinic/accounts/test_hashing.py::test_a_password_is_hashed_with_what_owasp_asks_for",
    ),
    Mutation(
        "our own words are no password", "clinic/settings.py",
        '{"NAME": "clinic.accounts.passwords.NoKnownWord"},', "",
        "tests/clinic/accounts/test_passwords.py::test_a_password_of_our_own_words_is_refused",
    ),
    Mutation(
        "five wrong passwords, then none is looked at", "clinic/accounts/lockout.py",
        "if number > limits.WRONG_PASSWORDS:", "if False:",
        "tests/clinic/accounts/test_lockout.py"
        "::test_after_five_wrong_passwords_none_is_looked_at_for_a_quarter_of_an_hour",
    ),
    Mutation(
        "thirty wrong passwords of a network, then none is looked at", "clinic/accounts/lockout.py",
        "if number > limits.WRONG_FROM_AN_ADDRESS:", "if False:",
        "tests/clinic/accounts/test_lockout.py::test_who_tries_one_password_at_many_accounts_waits_after_thirty",
    ),
    Mutation(
        "a clinic account is known by its subject", "clinic/accounts/oidc.py",
        'others = ClinicAccount.objects.filter(issuer=claims["iss"])', "others = ClinicAccount.objects.none()",
        "tests/clinic/accounts/test_oidc.py"
        "::test_from_the_first_sign_in_on_the_clinic_account_is_known_by_what_the_provider_gives_to_nobody_else",
    ),
    Mutation(
        "a clinic account answers what this browser asked", "clinic/accounts/oidc.py",
        'if request.GET.get("state") not in request.session.get("oidc_states", {}):', "if False:",
        "tests/clinic/accounts/test_oidc.py"
        "::test_a_page_of_another_site_that_leads_there_signs_nobody_out_and_locks_nobody_out",
    ),
    Mutation(
        "the second step stands before every address", "clinic/admin_site.py",
        "if not second_step.is_passed(request):", "if False:",
        "tests/clinic/accounts/test_second_step.py"
        "::test_every_address_of_the_admin_leads_to_the_second_step_until_a_code_was_given",
    ),
    Mutation(
        "a code counts once", "clinic/accounts/second_factor.py",
        "if step > after and constant_time_compare(", "if constant_time_compare(",
        "tests/clinic/accounts/test_second_factor.py::test_neither_a_code_nor_one_before_it_is_accepted_after_it",
    ),
    Mutation(
        "a code counts once when many type it", "clinic/accounts/second_factor.py",
        "return SecondFactor.objects.select_for_update().get(", "return SecondFactor.objects.get(",
        "tests/clinic/accounts/test_second_factor.py::test_one_code_typed_by_six_at_once_is_accepted_once",
    ),
    Mutation(
        "five wrong codes lock", "clinic/accounts/second_factor.py",
        "if factor.wrong_codes >= limits.WRONG_CODES:", "if False:",
        "tests/clinic/accounts/test_second_factor.py"
        "::test_five_wrong_codes_lock_for_a_quarter_of_an_hour_and_a_right_one_too",
    ),
    Mutation(
        "after signing in nobody is led to another site", "clinic/accounts/second_step.py",
        "if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):",
        "if wanted:",
        "tests/clinic/accounts/test_second_step.py::test_a_code_leads_to_where_one_wanted_to_go_but_to_no_other_site",
    ),
    Mutation(
        "what was typed when a session ended is one user's", "clinic/models/kept_post.py",
        "self.filter(user=user.pk, kept_at__gt=", "self.filter(kept_at__gt=",
        "tests/clinic/accounts/test_typed.py::test_it_comes_back_to_nobody_else",
    ),
    Mutation(
        "it is kept where a page of ours sent it", "clinic/server/http.py",
        'return _is_ours(request, request.headers.get("Origin", ""))', "return True",
        "tests/clinic/accounts/test_typed.py::test_what_another_site_sends_is_not_kept",
    ),
    Mutation(
        "it is kept for who had that form open", "clinic/accounts/typed.py",
        'if not form_tokens.is_form_of_this_browser(request):', "if False:",
        "tests/clinic/accounts/test_typed.py"
        "::test_a_form_that_somebody_else_left_open_in_the_browser_is_kept_for_nobody",
    ),
    Mutation(
        "a session ends after twelve hours", "clinic/models/staff_session.py",
        "or self.signed_in_at <= now - LIFETIME", "",
        "tests/clinic/accounts/test_sessions.py::test_nobody_stays_signed_in_for_more_than_twelve_hours",
    ),
    Mutation(
        "a step asks for its right", "appointments/admin/desk/personal_data.py",
        "if not request.user.has_perm(ERASE):", "if False:",
        "tests/appointments/records/test_erasure.py::test_the_front_desk_cannot_erase",
    ),
    Mutation(
        "a link alone shows nothing", "appointments/public/views/own.py",
        "if asked := proving.question(request, inquiry):",
        "request.META[proving.PROOF] = 'phone'\n        if asked := None:",
        "tests/appointments/public/views/test_proving.py::test_every_address_of_an_own_page_asks_and_does_nothing",
    ),
    Mutation(
        "five wrong tries at a link in all", "appointments/inquiries/own_links.py",
        "if row.is_locked:", "if False:",
        "tests/appointments/inquiries/test_own_links.py::test_of_those_who_try_at_the_same_moment_five_are_heard",
    ),
    Mutation(
        "tries at a link are counted one by one", "appointments/inquiries/own_links.py",
        "row = Inquiry.objects.select_for_update(no_key=True).get(", "row = Inquiry.objects.get(",
        "tests/appointments/inquiries/test_own_links.py::test_of_those_who_try_at_the_same_moment_five_are_heard",
    ),
    Mutation(
        "a link that has ended leads nowhere", "appointments/public/views/own.py",
        "if over := ended(request, inquiry):", "if over := None:",
        "tests/appointments/public/views/test_not_for_me.py"
        "::test_afterwards_each_address_shows_the_clinic_and_its_phone_alone",
    ),
    Mutation(
        "no log holds a key", "clinic/server/logs.py",
        r'_KEY.sub(r"\1…", words)', "words",
        "tests/clinic/server/test_logs.py::test_an_own_pages_key_is_masked_wherever_it_stands",
    ),
    Mutation(
        "the history stays as it was written", "appointments/migrations/0034_history_stays_as_it_was_written.py",
        "CREATE TRIGGER history_stays BEFORE UPDATE OR DELETE ON", "CREATE TRIGGER history_stays BEFORE UPDATE ON",
        "tests/appointments/records/test_append_only.py"
        "::test_no_statement_changes_or_deletes_a_line_of_the_history",
    ),
    Mutation(
        "the site's role of the database changes no log", "clinic/operations/database_roles.py",
        "if is_kept:", "if False:",
        "tests/clinic/operations/test_database_roles.py::test_web_and_worker_change_no_log_and_no_table",
    ),
    Mutation(
        "password and code again before a sign-in changes", "clinic/accounts/step_up.py",
        "return 0 <= passed < limits.FRESH_FOR.total_seconds()", "return True",
        "tests/clinic/accounts/test_step_up.py::test_neither_of_the_two_is_enough",
    ),
    Mutation(
        "a mailed link is used once", "clinic/accounts/links.py",
        "if user and state == _state(purpose, user) else None", "if user else None",
        "tests/clinic/accounts/test_new_password.py"
        "::test_a_new_password_is_chosen_by_a_mailed_link_used_once_and_the_second_step_stays",
    ),
    Mutation(
        "nobody resets their own factor or a superuser's", "clinic/accounts/user_admin.py",
        "return may and not account.is_superuser and account != request.user", "return may",
        "tests/clinic/accounts/test_user_admin.py"
        "::test_nobody_resets_their_own_a_superusers_or_without_the_right",
    ),
    Mutation(
        "who may not take lists along takes no list", "appointments/admin/lists/csv_file.py",
        "and request.user.has_perm(EXPORT_LISTS)):", "and True):",
        "tests/appointments/admin/test_csv_file.py::test_others_take_nothing_along_and_see_no_way_to",
    ),
    Mutation(
        "what a patient typed is no formula", "clinic/spreadsheet.py",
        """return f"'{words}" if""", 'return words if',
        "tests/clinic/test_spreadsheet.py::test_what_would_be_a_formula_is_text",
    ),
    Mutation(
        "a page about a patient writes who saw it", "appointments/admin/notifications/emails.py",
        "record_access(request, AccessAction.READ, email.inquiry)", "pass",
        "tests/appointments/admin/test_who_saw.py::test_every_page_about_a_record_writes_who_saw_it",
    ),
    Mutation(
        "a token is for us", "clinic/accounts/oidc.py",
        "audience=settings.OIDC_CLIENT_ID,", 'audience=[settings.OIDC_CLIENT_ID, "another-site"],',
        "tests/clinic/accounts/test_oidc.py::test_a_wrong_token_opens_nothing",
    ),
    Mutation(
        "who may only see appointments marks no visit in the agenda", "appointments/admin/agenda/views.py",
        "    if not user.has_perm(CHANGE_APPOINTMENT):\n        raise PermissionDenied\n    rows", "    rows",
        "tests/appointments/admin/agenda/test_views.py::test_who_may_only_look_presses_nothing",
    ),
    Mutation(
        "words that tell an unknown fact are not published", "procedures/admin/pages.py",
        "facts.problem(body, procedure)]", "]",
        "tests/procedures/test_fact_rows.py"
        "::test_a_draft_may_name_a_fact_that_nobody_has_entered_and_is_not_published",
    ),
    Mutation(
        "a procedure that nobody signed is shown only by who says so", "procedures/publishing.py",
        "if unsigned and agreed != key:", "if unsigned and not agreed:",
        "tests/procedures/test_publishing.py::test_who_agreed_is_asked_again_about_other_words",
    ),
    Mutation(
        "an uploaded drawing keeps only what is on the list", "procedures/svg.py",
        "if space != _SVG or name not in _ELEMENTS or", "if space != _SVG or",
        "tests/procedures/test_svg.py::test_nothing_is_left_of_what_is_not_on_the_list",
    ),
    Mutation(
        "a drawing points at nothing outside of it", "procedures/svg.py",
        "return value if _PLAIN.fullmatch(value) and called <= _FUNCTIONS else None", "return value",
        "tests/procedures/test_svg.py::test_an_attribute_that_is_not_on_the_list_or_points_outside_is_left_out",
    ),
]  # fmt: skip

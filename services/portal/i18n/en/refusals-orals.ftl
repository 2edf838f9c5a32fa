refusal-FIELD_REQUIRED = “{ $field }” is empty: fill it in and try again. Nothing was changed.
refusal-FIELD_TOO_LONG = “{ $field }” is too long: { $given } characters, { $most } at most. Nothing was changed.
refusal-FIELD_INVALID = { $name ->
    [link] “{ $field }” will not do: an address that begins with https:// is needed. Nothing was changed.
    [to] “{ $field }” will not do: an instant after the beginning is needed. Nothing was changed.
    [exam] “{ $field }” will not do: choose the interview or the English exam. Nothing was changed.
   *[other] “{ $field }” will not do: a date and a time for an instant, a single line without special characters for a text. Nothing was changed.
}
refusal-INVALID_HOURS = These hours will not do: HH:MM, the end after the beginning, breaks and lunch inside the day.
refusal-INVALID_PANEL = This panel will not do: an interview panel has two members or more, an English exam one examiner, each named once.
refusal-PANEL_HAS_EXAMS = This panel is convened for { $exams } exam(s) already: its members no longer change. Make another panel, or record an absence.
refusal-DAY_NOT_IN_SESSION = This is not one of your school’s oral days. Possible: { $allowed }.
refusal-DAY_HAS_EXAMS = { $exams } exam(s) would fall outside these hours. Move them first.
refusal-NO_SLOT = Your school convenes nobody of this dossier. Go back to the schedule.
refusal-SLOT_IMPOSSIBLE = This slot breaks a rule; nothing moved. Choose one of the possible slots below.

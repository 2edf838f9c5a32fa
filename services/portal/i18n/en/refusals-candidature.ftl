refusal-ANSWER_NOT_ALLOWED = This answer is not possible as things stand. Nothing was changed; the answers that are possible are below.
refusal-ANSWER_UNKNOWN = This answer is none of the notice’s five. Nothing was changed.
refusal-CONFIRMATION_REQUIRED = This answer cannot be taken back: tick the box to confirm it. Nothing was changed.
refusal-PERIOD_NOT_OPEN = No period is open: only a NON is possible. Nothing was changed.
refusal-NOT_RETAINED = The candidature is on no school’s table: there is nothing to answer.
refusal-NO_LONGER_IN_THE_RUNNING = The candidature is no longer in the running: there is nothing left to answer. Nothing was changed.
refusal-NOT_YET_PUBLISHED = Nothing is published yet. Come back when the period opens.
refusal-INTEGRATION_OVER = The periods are over: write to the school that gave you a seat. Nothing was changed.
refusal-MANDATE_NOT_IN_FORCE = The candidate has revoked this mandate. Ask them for another code.

refusal-TOO_MANY_CONSTRAINTS = You have already stated as many constraints as can be. Write to the school that convenes you.
refusal-NO_CONVOCATION = There is no convocation to answer to.
refusal-LABEL_NOT_USABLE = Give this person a name of one to 80 characters.
refusal-TOO_MANY_MANDATES = At most five mandates are in force at a time. Revoke one before you give another.
refusal-NO_MANDATE = There is no such mandate.

# Results, orals and integration. No message tells a result: each says that it can be seen, and where (R19).
result-published = The admissibility results can be seen
    .p1 = The admissibility results are published. Yours, for dossier no. { $number }, can be seen in your space.
    .action = See my result

convocation-changed = Your orals were set or moved
    .p1 = The convocation of your dossier no. { $number } was set or changed on { $at }. The current one is in your space.
    .action = See my convocation

admission-results = The admission results can be seen
    .p1 = The admission results are published. Yours, for dossier no. { $number }, can be seen in your space.
    .action = See my result

period-opened = Integration period { $period } is open
    .p1 = Integration period { $period } is open. Sign in before { $deadline }, even if you have nothing to answer: a candidate who does not sign in during the period is eliminated.
    .action = Sign in

period-log-in = Sign in before period { $period } ends
    .p1 = Integration period { $period } closes on { $deadline }, and you have not been seen in it yet.
    .p2 = If you do not sign in before then, you will be eliminated from every school.
    .action = Sign in

period-answer = Answer before period { $period } ends
    .p1 = Integration period { $period } closes on { $deadline }, and a proposal still waits for your answer.
    .p2 = Without an answer by then you will be eliminated from every school, even if you have signed in.
    .action = Answer

proposal-made = Your situation has changed: an answer is expected
    .p1 = Your situation changed when integration period { $period } opened. An answer from you is expected before { $deadline }.
    .p2 = Your space says what you can answer and what follows from each answer.
    .action = Look and answer

eliminated = Your situation has changed
    .p1 = Your situation changed when integration period { $period } closed. Your space says where you stand and why.
    .action = See where I stand

resigned = Your answer NON is recorded
    .p1 = A NON was recorded for your dossier no. { $number } on { $at }. It is final for every school.
    .p2 = If you did not give it yourself and have mandated nobody, contact a school without delay.
    .action = See where I stand

admitted = Your situation has changed
    .p1 = The situation of your dossier no. { $number } changed on { $at }. Your space says how it stands and what remains to be done.
    .action = See where I stand

lapsed = Your situation has changed
    .p1 = The situation of your dossier no. { $number } changed on { $at }. Your space says how it stands and why.
    .action = See where I stand

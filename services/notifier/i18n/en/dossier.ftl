# The dossier and the fee. The value is the subject; p1, p2… are the paragraphs; missing stands before the list of what is
# missing; action names the link.
dossier-opened = Your dossier for the admission sur titres is open
    .p1 = Your dossier no. { $number } is open. It is saved as you go and can be changed until you close it.
    .p2 = To be a candidate you must complete it and then close it (the “clôture”) before { $deadline }. A dossier that is not closed by then is no application.
    .p3 = The platform shows at any time what is still missing.
    .action = Complete my dossier

deposit-reminder = Your dossier is not closed yet
    .p1 = Deposits close on { $deadline }. Your dossier no. { $number } is still open: as it stands it would be no application.
    .missing = Still missing:
    .complete = As far as we can see nothing is missing: all that remains is to close the dossier. If you have just done so, there is nothing left to do.
    .action = Complete and close my dossier

dossier-closed = Your dossier is closed
    .p1 = Your dossier no. { $number } was closed on { $at }. It is now an application.
    .p2 = The receipt is in your space. The school of your first choice now verifies the pieces; if it asks for one again, you will be told.
    .action = See my receipt

dossier-not-closed = Your dossier was not closed in time
    .p1 = Deposits closed on { $at }. Your dossier no. { $number } was not closed: it is no application and will not be examined.
    .p2 = No fee is owed.
    .action = See where I stand

correction-requested = A correction is asked for in your dossier
    .p1 = { $school } has verified your dossier no. { $number } and asks for a correction. Your space says which, why, and until when.
    .action = See what is asked

fee-settled = Your fee is settled
    .p1 = The fee of your dossier no. { $number } is settled: { $received } received, { $due } owed.
    .action = See my fee

fee-short = Your payment is incomplete
    .p1 = { $received } were received for your dossier no. { $number }, of { $due } owed. { $missing-sum } remain to be paid.
    .p2 = The account and your reference are in your space.
    .action = Pay the rest

exemption-refused = Your request for the exemption was not accepted
    .p1 = The exemption you asked for with your dossier no. { $number } was not accepted. The fee, { $due }, is due again.
    .p2 = The account and your reference are in your space.
    .action = See my fee

annulled = Your situation has changed
    .p1 = The situation of your dossier no. { $number } changed on { $at }. Your space says how it stands.
    .action = See where I stand

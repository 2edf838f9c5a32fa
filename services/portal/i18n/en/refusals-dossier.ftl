refusal-FORM_INVALID = One or more fields are to be corrected. Nothing was saved.
refusal-WINDOW_CLOSED = It is too late: this step closed on { $closed_at }.
refusal-WINDOW_NOT_YET_OPEN = It is too early: this step opens on { $opens_at }.
refusal-DOSSIER_UNKNOWN = There is no dossier under this account yet: open it first.
refusal-DOSSIER_EXISTS = You have a dossier already (no. { $number }): it serves for all the schools.
refusal-RECRUITED_LOCALLY = This public is recruited by a school itself: turn to that school ({ $contact }). If you do not belong to that public, choose “No”.
refusal-PUBLIC_UNKNOWN = There is no such public in this session: choose from the list.
refusal-DOSSIER_NOT_EDITABLE = The dossier cannot be changed any more: it is closed, given up, or deposits have closed.
refusal-NOT_YOURS = This dossier belongs to another account.
refusal-ROLE_NOT_ALLOWED = Your role does not allow that.
refusal-TITLE_REFUSED = { $because ->
    [UNKNOWN_DIPLOMA] There is no such diploma in this session: choose from the list.
    [MENTION_REQUIRED] Choose your mention or speciality.
    [MENTION_REFUSED] This speciality is accepted at no school: only those of the list are.
    [EQUIVALENCE_REQUIRED] Choose the row of the table that your title is equivalent to.
    [UNKNOWN_EQUIVALENCE] This equivalence is no row of the table: choose from the list.
    [EQUIVALENCE_NOT_NEEDED] Your mention stands in the table already: choose it from the first list.
    [TITLE_TOO_LONG] The name is longer than 300 characters.
   *[other] This title cannot be taken as it is: check diploma, mention and equivalence.
    }
refusal-UNKNOWN_DIPLOMA = There is no such diploma in this session: choose from the list.
refusal-MENTION_REQUIRED = Choose your mention or speciality.
refusal-MENTION_REFUSED = This speciality is accepted at no school: only those of the list are.
refusal-EQUIVALENCE_REQUIRED = Choose the row of the table that your title is equivalent to.
refusal-UNKNOWN_EQUIVALENCE = This equivalence is no row of the table: choose from the list.
refusal-EQUIVALENCE_NOT_NEEDED = Your mention stands in the table already: choose it from the first list.
refusal-TITLE_TOO_LONG = The name is longer than 300 characters.
refusal-TITLE_MISSING = State your title first.
refusal-ORDER_INVALID = The order must hold at least one school, each of them once.
refusal-ORDER_FINAL = After the clôture the order of schools stays as it is (§3.1).
refusal-SCHOOL_CLOSED_BY_TABLE = This school is closed to your title: { $table }, row “{ $row }”. The order has stayed as it was.
refusal-WRONG_STATE = The state of the dossier does not allow it. Once your dossier is closed, a candidature is given up with the answer NON.
refusal-PIECE_UNKNOWN = There is no such piece in your dossier, or it is not asked for.
refusal-FILE_TOO_LARGE = The file is empty, or larger than is accepted. Make it smaller, or split it into several files.
refusal-FILE_NAME_INVALID = The name of the file is not accepted: 1 to 200 characters, no “/” and no “\”. Rename it.
refusal-FILE_TYPE_REFUSED = The content of this file is of no format accepted for this piece, whatever its name. Save it as PDF and try again.
refusal-TOO_MANY_PIECES = This piece has the largest number of files already: take one out first.
refusal-TOO_MANY_UPLOADS = Too many uploads were begun and not finished today. Try again tomorrow, or write to a school.
refusal-CORRECTION_NOT_OPEN = This correction is no longer open: it was answered, or its time is over.
refusal-CORRECTION_UNKNOWN = There is no such correction.
refusal-CORRECTION_MISSING = State which correction this file answers.
refusal-CANDIDATURE_ANNULLED = The jury annulled this candidature: nothing can be added to it any more.
refusal-UPLOAD_UNKNOWN = This upload no longer exists: begin it again.
refusal-UPLOAD_COMMITTED = This upload is finished already: the piece is deposited.
refusal-UPLOAD_MISSING = Nothing has arrived: begin the upload again.
refusal-UPLOAD_INCOMPLETE = The file did not arrive whole: begin again, and the upload goes on from where it was.
refusal-OFFSET_MISMATCH = The upload stands elsewhere: begin again, and it goes on from where it was.
refusal-CHUNK_TOO_LARGE = A chunk of the upload is too large. Load the page again and retry.
refusal-DIGEST_MISMATCH = The file that arrived is not the one that was sent: try again.
refusal-DIGEST_MALFORMED = The digest of the file cannot be read: load the page again and retry.
refusal-ID_MALFORMED = The address or the form is damaged: load the page again and retry.
refusal-FICHE_DEPOSITED = The appreciation has arrived already: the person can no longer be replaced.
refusal-REFEREE_MISSING = Nobody is named yet: name the person first.
refusal-NO_FICHE_ASKED = This session asks for no appreciation.
refusal-TOO_MANY_INVITATIONS = Too many invitations were sent for this dossier. Write to the school of your first choice.
refusal-ORDER_MISSING = Put the schools in order first: whom the fee is owed to depends on your first choice.
refusal-ATTESTATION_MISSING = First deposit the attestation that supports the request for exemption.
refusal-CLAIM_MISSING = Choose: transfer ordered, or exemption.
refusal-DOSSIER_INCOMPLETE = The dossier is not complete: here is everything that is still missing.
refusal-NOT_A_CANDIDATURE = Deposits have closed and this dossier was not closed in time: it is not a candidature.
refusal-LINK_UNKNOWN = There is no such link. Check that the address is whole, or ask the student to send the invitation again.
refusal-LINK_USED = This link has served already: an appreciation was deposited through it. There is nothing left to do.
refusal-LINK_REVOKED = This link no longer holds: the student had a new invitation sent, to you or to someone else. Look for the latest mail.
refusal-FICHE_MISSING = Fill the appreciation in, or deposit it as a file.

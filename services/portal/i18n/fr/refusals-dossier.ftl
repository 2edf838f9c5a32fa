refusal-FORM_INVALID = Un ou plusieurs champs sont à corriger. Rien n’a été enregistré.
refusal-WINDOW_CLOSED = C’est trop tard : cette étape a fermé le { $closed_at }.
refusal-WINDOW_NOT_YET_OPEN = C’est trop tôt : cette étape ouvre le { $opens_at }.
refusal-DOSSIER_UNKNOWN = Il n’y a pas encore de dossier à ce compte : ouvrez-le d’abord.
refusal-DOSSIER_EXISTS = Vous avez déjà un dossier (n° { $number }) : il vaut pour toutes les écoles.
refusal-RECRUITED_LOCALLY = Ce public est recruté directement par une école : adressez-vous à elle ({ $contact }). Si vous ne faites pas partie de ce public, choisissez « Non ».
refusal-PUBLIC_UNKNOWN = Ce public n’existe pas dans cette session : choisissez dans la liste.
refusal-DOSSIER_NOT_EDITABLE = Le dossier ne peut plus être modifié : il est clôturé, abandonné, ou les dépôts sont fermés.
refusal-NOT_YOURS = Ce dossier appartient à un autre compte.
refusal-ROLE_NOT_ALLOWED = Votre rôle ne permet pas de faire cela.
refusal-TITLE_REFUSED = { $because ->
    [UNKNOWN_DIPLOMA] Ce diplôme n’existe pas dans cette session : choisissez dans la liste.
    [MENTION_REQUIRED] Choisissez votre mention ou spécialité.
    [MENTION_REFUSED] Cette spécialité n’est acceptée dans aucune école : seules le sont celles de la liste.
    [EQUIVALENCE_REQUIRED] Choisissez la ligne du tableau à laquelle votre titre équivaut.
    [UNKNOWN_EQUIVALENCE] Cette équivalence n’est pas une ligne du tableau : choisissez dans la liste.
    [EQUIVALENCE_NOT_NEEDED] Votre mention figure déjà dans le tableau : choisissez-la dans la première liste.
    [TITLE_TOO_LONG] L’intitulé dépasse 300 caractères.
   *[other] Ce titre n’est pas recevable tel quel : vérifiez le diplôme, la mention et l’équivalence.
    }
refusal-UNKNOWN_DIPLOMA = Ce diplôme n’existe pas dans cette session : choisissez dans la liste.
refusal-MENTION_REQUIRED = Choisissez votre mention ou spécialité.
refusal-MENTION_REFUSED = Cette spécialité n’est acceptée dans aucune école : seules le sont celles de la liste.
refusal-EQUIVALENCE_REQUIRED = Choisissez la ligne du tableau à laquelle votre titre équivaut.
refusal-UNKNOWN_EQUIVALENCE = Cette équivalence n’est pas une ligne du tableau : choisissez dans la liste.
refusal-EQUIVALENCE_NOT_NEEDED = Votre mention figure déjà dans le tableau : choisissez-la dans la première liste.
refusal-TITLE_TOO_LONG = L’intitulé dépasse 300 caractères.
refusal-TITLE_MISSING = Indiquez d’abord votre titre.
refusal-ORDER_INVALID = Le classement doit contenir au moins une école, chacune une seule fois.
refusal-ORDER_FINAL = Après la clôture, le classement des écoles ne change plus (§3.1).
refusal-SCHOOL_CLOSED_BY_TABLE = Cette école est fermée à votre titre : { $table }, ligne « { $row } ». Le classement est resté tel qu’il était.
refusal-WRONG_STATE = L’état du dossier ne le permet pas. Si vous avez clôturé votre dossier, c’est par la réponse NON que l’on renonce à une candidature.
refusal-PIECE_UNKNOWN = Cette pièce n’existe pas dans votre dossier, ou n’y est pas demandée.
refusal-FILE_TOO_LARGE = Le fichier est vide, ou dépasse la taille acceptée. Réduisez-le, ou séparez-le en plusieurs fichiers.
refusal-FILE_NAME_INVALID = Le nom du fichier n’est pas accepté : 1 à 200 caractères, sans « / » ni « \ ». Renommez-le.
refusal-FILE_TYPE_REFUSED = Le contenu de ce fichier n’est pas d’un format accepté pour cette pièce, quel que soit son nom. Enregistrez-le en PDF et recommencez.
refusal-TOO_MANY_PIECES = Cette pièce compte déjà le nombre maximal de fichiers : retirez-en un d’abord.
refusal-TOO_MANY_UPLOADS = Trop d’envois ont été commencés sans être terminés aujourd’hui. Réessayez demain, ou écrivez à une école.
refusal-CORRECTION_NOT_OPEN = Cette correction n’est plus ouverte : elle a reçu sa réponse, ou son délai est passé.
refusal-CORRECTION_UNKNOWN = Cette correction n’existe pas.
refusal-CORRECTION_MISSING = Indiquez à quelle correction ce fichier répond.
refusal-CANDIDATURE_ANNULLED = Le jury a annulé cette candidature : plus rien ne peut y être ajouté.
refusal-UPLOAD_UNKNOWN = Cet envoi n’existe plus : recommencez-le.
refusal-UPLOAD_COMMITTED = Cet envoi est déjà terminé : la pièce est déposée.
refusal-UPLOAD_MISSING = Rien n’est arrivé : recommencez l’envoi.
refusal-UPLOAD_INCOMPLETE = Le fichier n’est pas arrivé en entier : recommencez l’envoi, il reprendra où il en était.
refusal-OFFSET_MISMATCH = L’envoi en est à un autre endroit : recommencez-le, il reprendra où il en était.
refusal-CHUNK_TOO_LARGE = Un morceau de l’envoi est trop gros. Rechargez la page et recommencez.
refusal-DIGEST_MISMATCH = Le fichier arrivé n’est pas celui qui a été envoyé : recommencez.
refusal-DIGEST_MALFORMED = L’empreinte du fichier est illisible : rechargez la page et recommencez.
refusal-ID_MALFORMED = L’adresse ou le formulaire est altéré : rechargez la page et recommencez.
refusal-FICHE_DEPOSITED = La fiche est déjà arrivée : la personne ne peut plus être remplacée.
refusal-REFEREE_MISSING = Personne n’est encore nommé : nommez d’abord la personne.
refusal-NO_FICHE_ASKED = Cette session ne demande pas de fiche d’appréciation.
refusal-TOO_MANY_INVITATIONS = Trop d’invitations ont été envoyées pour ce dossier. Écrivez à l’école de votre choix 1.
refusal-ORDER_MISSING = Classez d’abord les écoles : de votre choix 1 dépend à qui les frais sont dus.
refusal-ATTESTATION_MISSING = Déposez d’abord l’attestation qui appuie la demande d’exonération.
refusal-CLAIM_MISSING = Choisissez : virement ordonné, ou exonération.
refusal-DOSSIER_INCOMPLETE = Le dossier n’est pas complet : voici tout ce qui manque encore.
refusal-NOT_A_CANDIDATURE = Les dépôts sont fermés et ce dossier n’a pas été clôturé à temps : il n’est pas une candidature.
refusal-LINK_UNKNOWN = Ce lien n’existe pas. Vérifiez que l’adresse est entière, ou demandez à l’étudiant de renvoyer l’invitation.
refusal-LINK_USED = Ce lien a déjà servi : une fiche a été déposée par lui. Il n’y a plus rien à faire.
refusal-LINK_REVOKED = Ce lien ne vaut plus : l’étudiant a fait envoyer une nouvelle invitation, à vous ou à une autre personne. Cherchez le courriel le plus récent.
refusal-FICHE_MISSING = Remplissez la fiche, ou déposez-la sous forme de fichier.

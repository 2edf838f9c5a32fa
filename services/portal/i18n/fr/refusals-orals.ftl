refusal-FIELD_REQUIRED = « { $field } » est vide : remplissez ce champ et recommencez. Rien n’a été modifié.
refusal-FIELD_TOO_LONG = « { $field } » est trop long : { $given } caractères, { $most } au plus. Rien n’a été modifié.
refusal-FIELD_INVALID = { $name ->
    [link] « { $field } » ne convient pas : il faut une adresse qui commence par https://. Rien n’a été modifié.
    [to] « { $field } » ne convient pas : il faut un instant après le début. Rien n’a été modifié.
    [exam] « { $field } » ne convient pas : choisissez l’entretien ou l’anglais. Rien n’a été modifié.
   *[other] « { $field } » ne convient pas : une date et une heure pour un instant, une seule ligne sans caractère spécial pour un texte. Rien n’a été modifié.
}
refusal-INVALID_HOURS = Ces horaires ne conviennent pas : des heures HH:MM, la fin après le début, la pause et le déjeuner à l’intérieur de la journée.
refusal-INVALID_PANEL = Ce jury ne convient pas : un jury d’entretien a au moins deux membres, une épreuve d’anglais un examinateur, chacun cité une seule fois.
refusal-PANEL_HAS_EXAMS = Ce jury est déjà convoqué pour { $exams } épreuve(s) : ses membres ne changent plus. Créez un autre jury, ou signalez une absence.
refusal-DAY_NOT_IN_SESSION = Ce jour n’est pas un jour d’oral de votre école. Possibles : { $allowed }.
refusal-DAY_HAS_EXAMS = { $exams } épreuve(s) tomberaient hors de ces horaires. Déplacez-les d’abord.
refusal-NO_SLOT = Votre école ne convoque personne sous ce dossier. Revenez au planning.
refusal-SLOT_IMPOSSIBLE = Cette place enfreint une règle ; rien n’a bougé. Choisissez une des places possibles ci-dessous.

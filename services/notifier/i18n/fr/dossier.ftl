# Le dossier et les frais. La valeur est l'objet ; p1, p2… sont les paragraphes ; missing suit la liste de ce qui manque ;
# action nomme le lien.
dossier-opened = Votre dossier d'admission sur titres est ouvert
    .p1 = Votre dossier n° { $number } est ouvert. Il s'enregistre au fur et à mesure et reste modifiable jusqu'à sa clôture.
    .p2 = Pour être candidat, il faut le compléter puis le clore avant le { $deadline }. Un dossier qui n'est pas clos à cet instant n'est pas une candidature.
    .p3 = La plateforme montre à tout moment ce qui manque encore.
    .action = Compléter mon dossier

deposit-reminder = Votre dossier n'est pas encore clos
    .p1 = Les dépôts ferment le { $deadline }. Votre dossier n° { $number } est encore ouvert : en l'état, il ne serait pas une candidature.
    .missing = Il manque encore :
    .complete = D'après ce qui est déposé, rien ne manque : il reste à clore le dossier. Si vous venez de le faire, vous n'avez plus rien à faire.
    .action = Compléter et clore mon dossier

dossier-closed = Votre dossier est clos
    .p1 = Votre dossier n° { $number } a été clos le { $at }. Il est désormais une candidature.
    .p2 = Le reçu se trouve dans votre espace. L'école de votre premier choix vérifie maintenant les pièces ; si elle vous en redemande une, vous en serez averti.
    .action = Voir mon reçu

dossier-not-closed = Votre dossier n'a pas été clos à temps
    .p1 = Les dépôts ont fermé le { $at }. Votre dossier n° { $number } n'était pas clos : il n'est pas une candidature et ne sera pas examiné.
    .p2 = Aucun frais n'est dû.
    .action = Voir ma situation

correction-requested = Une correction est demandée dans votre dossier
    .p1 = { $school } a vérifié votre dossier n° { $number } et demande une correction. Votre espace dit laquelle, pourquoi et jusqu'à quand.
    .action = Voir ce qui est demandé

fee-settled = Vos frais de dossier sont réglés
    .p1 = Les frais de votre dossier n° { $number } sont réglés : { $received } reçus pour { $due } dus.
    .action = Voir mes frais

fee-short = Votre règlement est incomplet
    .p1 = { $received } ont été reçus pour votre dossier n° { $number }, sur { $due } dus. Il reste { $missing-sum } à régler.
    .p2 = Les coordonnées bancaires et votre référence figurent dans votre espace.
    .action = Régler le reste

exemption-refused = Votre demande d'exonération n'a pas été acceptée
    .p1 = L'exonération demandée pour votre dossier n° { $number } n'a pas été acceptée. Les frais, { $due }, sont de nouveau dus.
    .p2 = Les coordonnées bancaires et votre référence figurent dans votre espace.
    .action = Voir mes frais

annulled = Votre situation a changé
    .p1 = La situation de votre dossier n° { $number } a changé le { $at }. Votre espace dit ce qu'il en est.
    .action = Voir ma situation

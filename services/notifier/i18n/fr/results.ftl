# Résultats, oraux et intégration. Aucun message ne dit un résultat : chacun dit qu'il est visible, et où (R19).
result-published = Les résultats d'admissibilité sont visibles
    .p1 = Les résultats d'admissibilité sont publiés. Le vôtre, pour le dossier n° { $number }, est visible dans votre espace.
    .action = Voir mon résultat

convocation-changed = Vos oraux ont été fixés ou déplacés
    .p1 = La convocation de votre dossier n° { $number } a été fixée ou modifiée le { $at }. La version à jour est dans votre espace.
    .action = Voir ma convocation

admission-results = Les résultats d'admission sont visibles
    .p1 = Les résultats d'admission sont publiés. Le vôtre, pour le dossier n° { $number }, est visible dans votre espace.
    .action = Voir mon résultat

period-opened = La période d'intégration { $period } est ouverte
    .p1 = La période d'intégration { $period } est ouverte. Connectez-vous avant le { $deadline }, même si vous n'avez rien à répondre : sans connexion pendant la période, un candidat est éliminé.
    .action = Me connecter

period-log-in = Connectez-vous avant la fin de la période { $period }
    .p1 = La période d'intégration { $period } ferme le { $deadline } et aucune connexion de votre part n'y est encore enregistrée.
    .p2 = Sans connexion avant cet instant, vous seriez éliminé de toutes les écoles.
    .action = Me connecter

period-answer = Répondez avant la fin de la période { $period }
    .p1 = La période d'intégration { $period } ferme le { $deadline } et une proposition attend encore votre réponse.
    .p2 = Sans réponse avant cet instant, vous seriez éliminé de toutes les écoles, même si vous vous êtes connecté.
    .action = Répondre

proposal-made = Votre situation a changé : une réponse est attendue
    .p1 = Votre situation a changé à l'ouverture de la période d'intégration { $period }. Une réponse de votre part est attendue avant le { $deadline }.
    .p2 = Votre espace dit à quoi vous pouvez répondre et ce que chaque réponse entraîne.
    .action = Voir et répondre

eliminated = Votre situation a changé
    .p1 = Votre situation a changé à la fermeture de la période d'intégration { $period }. Votre espace dit où vous en êtes et pourquoi.
    .action = Voir ma situation

resigned = Votre réponse NON est enregistrée
    .p1 = Un NON a été enregistré pour votre dossier n° { $number } le { $at }. Il est définitif pour toutes les écoles.
    .p2 = Si vous ne l'avez pas donné vous-même et n'avez mandaté personne, prenez contact avec une école sans attendre.
    .action = Voir ma situation

admitted = Votre situation a changé
    .p1 = La situation de votre dossier n° { $number } a changé le { $at }. Votre espace dit ce qu'il en est et ce qui reste à faire.
    .action = Voir ma situation

lapsed = Votre situation a changé
    .p1 = La situation de votre dossier n° { $number } a changé le { $at }. Votre espace dit ce qu'il en est et pourquoi.
    .action = Voir ma situation

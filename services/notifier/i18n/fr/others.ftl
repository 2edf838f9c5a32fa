# La personne qui remplit la fiche, et les comptes.
referee-invitation = { $candidate } vous demande une fiche d'appréciation
    .p1 = { $candidate } prépare un dossier d'admission sur titres et vous a désigné comme responsable de son dernier cycle d'études.
    .p2 = Le lien ci-dessous permet de remplir ou de déposer la fiche d'appréciation, sans compte, avant le { $deadline }. Elle reste confidentielle : le candidat sait qu'elle est arrivée, jamais ce qu'elle contient.
    .p3 = Ce lien est personnel : ne le transmettez pas.
    .action = Remplir la fiche

account-verify = Confirmez votre adresse
    .p1 = Un compte a été demandé avec cette adresse. Pour le créer, suivez le lien avant le { $deadline }.
    .p2 = Si vous n'avez rien demandé, ignorez ce message : sans le lien, aucun compte n'est créé.
    .action = Confirmer mon adresse

account-reset = Choisir un nouveau mot de passe
    .p1 = Un nouveau mot de passe a été demandé pour votre compte. Le lien sert une seule fois, avant le { $deadline }.
    .p2 = Si vous n'avez rien demandé, ignorez ce message : votre mot de passe reste le même.
    .action = Choisir un mot de passe

account-exists = Vous avez déjà un compte
    .p1 = Un compte vient d'être demandé avec cette adresse, qui en a déjà un. Connectez-vous avec celui-ci ; si le mot de passe est oublié, la page de connexion permet d'en choisir un autre.
    .p2 = Si vous n'avez rien demandé, vous n'avez rien à faire : rien n'a changé.
    .action = Me connecter

account-changed = Votre compte a été modifié
    .p1 = Le mot de passe, l'adresse ou le second facteur de votre compte vient d'être modifié.
    .p2 = Si ce n'était pas vous, choisissez un nouveau mot de passe sans attendre.
    .action = Ouvrir mon compte

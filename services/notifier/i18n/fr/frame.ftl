# Ce qui entoure chaque message.
greeting = Bonjour { $name },
greeting-nobody = Bonjour,
closing = { $session }
automatic = Ce message est envoyé automatiquement ; merci de ne pas y répondre. Les coordonnées des écoles figurent sur la plateforme : { $portal }

# Ce qui manque encore à un dossier (R12).
missing-form = l'état civil
missing-studies = les années d'études depuis le baccalauréat
missing-title = le titre présenté
missing-order = l'ordre des écoles
missing-fee = les frais : virement déclaré ou exonération demandée
missing-attestation = l'attestation qui justifie l'exonération
missing-other = un élément que votre dossier détaille
missing-or = ou

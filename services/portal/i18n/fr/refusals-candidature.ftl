refusal-ANSWER_NOT_ALLOWED = Cette réponse n’est pas possible dans la situation actuelle. Rien n’a été modifié ; les réponses possibles sont ci-dessous.
refusal-ANSWER_UNKNOWN = Cette réponse n’est pas l’une des cinq de la notice. Rien n’a été modifié.
refusal-CONFIRMATION_REQUIRED = Cette réponse ne peut pas être reprise : cochez la case pour la confirmer. Rien n’a été modifié.
refusal-PERIOD_NOT_OPEN = Aucune période n’est ouverte : seul un NON est possible. Rien n’a été modifié.
refusal-NOT_RETAINED = La candidature ne figure sur la liste d’aucune école : il n’y a rien à répondre.
refusal-NO_LONGER_IN_THE_RUNNING = La candidature n’est plus en lice : il n’y a plus rien à répondre. Rien n’a été modifié.
refusal-NOT_YET_PUBLISHED = Rien n’est encore publié. Revenez à l’ouverture de la période.
refusal-INTEGRATION_OVER = Les périodes sont terminées : adressez-vous à l’école qui vous a attribué une place. Rien n’a été modifié.
refusal-MANDATE_NOT_IN_FORCE = Ce mandat a été révoqué par le candidat. Demandez-lui un nouveau code.

refusal-TOO_MANY_CONSTRAINTS = Vous avez déjà signalé le plus grand nombre de contraintes possible. Écrivez à l’école qui vous convoque.
refusal-NO_CONVOCATION = Il n’y a pas de convocation à laquelle répondre.
refusal-LABEL_NOT_USABLE = Donnez à cette personne un nom d’un à 80 caractères.
refusal-TOO_MANY_MANDATES = Cinq mandats au plus sont en vigueur à la fois. Révoquez-en un avant d’en donner un autre.
refusal-NO_MANDATE = Ce mandat n’existe pas.
